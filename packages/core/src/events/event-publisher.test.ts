import { describe, expect, jest, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import { aTask } from '../testing/builders.ts';
import { CapturingLogger } from '../testing/capturing-logger.ts';
import { InMemoryEventLog } from '../testing/in-memory-event-log.ts';
import { createEventPublisher, type EventPublisher, type PublishBreaker } from './event-publisher.ts';
import { classifyPublishError } from './publish-error-class.ts';
import type { NewTaskEvent } from './task-event.ts';

const owner = aTask();
const milestone = (name: string): NewTaskEvent => ({ eventType: 'agent_milestone', metadata: { milestone: name } });

/** A publisher whose log refuses the next appends with these errors; `undefined` lets one through. */
function aPublisher(...errors: readonly unknown[]): {
  readonly publisher: EventPublisher;
  readonly breaker: PublishBreaker;
  readonly logger: CapturingLogger;
  readonly log: InMemoryEventLog;
  written(): Promise<readonly unknown[]>;
} {
  const log = new InMemoryEventLog();
  const append = log.append.bind(log);
  const refusals = [...errors];
  jest.spyOn(log, 'append').mockImplementation(async (...args) => {
    const error = refusals.shift();
    if (error !== undefined) throw error;
    return append(...args);
  });
  const breaker: PublishBreaker = { failures: 0, open: false };
  const logger = new CapturingLogger();
  const publisher = createEventPublisher({ log, owner, breaker, logger });
  const written = async (): Promise<readonly unknown[]> => {
    const events = await log.read({ taskId: owner.taskId, after: 0, limit: 100 });
    return events.map(({ metadata }) => metadata['milestone']);
  };
  return { publisher, breaker, logger, log, written };
}

const storeError = (reason: string): AbcaError => new AbcaError('STORE_ERROR', 'refused', { details: { reason } });

describe('createEventPublisher()', () => {
  test('writes events of one call together, calls in their order', async () => {
    const { publisher, log, written } = aPublisher();

    await Promise.all([publisher.publish(milestone('a'), milestone('b')), publisher.publish(milestone('c'))]);

    expect(await written()).toStrictEqual(['a', 'b', 'c']);
    expect(jest.mocked(log.append).mock.calls.map(([, events]) => events.length)).toStrictEqual([2, 1]);
  });

  test('writes together what is published while the log is being written, up to the most of one append', async () => {
    const { publisher, log, written } = aPublisher();
    const names = Array.from({ length: 60 }, (_, index) => `m${String(index)}`);

    await Promise.all(names.map((name) => publisher.publish(milestone(name))));
    await publisher.publish(milestone('later'));

    expect(await written()).toStrictEqual([...names, 'later']);
    expect(jest.mocked(log.append).mock.calls.map(([, events]) => events.length)).toStrictEqual([1, 50, 9, 1]);
  });

  test('publish() without events resolves when what came before is written', async () => {
    const { publisher, written } = aPublisher();
    void publisher.publish(milestone('a'));
    void publisher.publish(milestone('b'));

    await publisher.publish();

    expect(await written()).toStrictEqual(['a', 'b']);
  });

  test('leaves out the one call that the log can never take, of those written together', async () => {
    const invalid = storeError('ValidationException');
    const { publisher, breaker, logger, log, written } = aPublisher(undefined, invalid, undefined, invalid);

    await Promise.all(['a', 'b', 'c', 'd'].map((name) => publisher.publish(milestone(name))));

    expect(await written()).toStrictEqual(['a', 'b', 'd']);
    expect(breaker).toStrictEqual({ failures: 0, open: false });
    expect(jest.mocked(log.append).mock.calls.map(([, events]) => events.length)).toStrictEqual([1, 3, 1, 1, 1]);
    expect(logger.lines.map(({ message }) => message)).toStrictEqual(['event dropped']);
  });

  test('does not repeat calls written together that may be there already', async () => {
    const { publisher, breaker, log, written } = aPublisher(undefined, storeError('ThrottlingException'));

    await Promise.all(['a', 'b', 'c'].map((name) => publisher.publish(milestone(name))));

    expect(await written()).toStrictEqual(['a']);
    expect(breaker).toStrictEqual({ failures: 1, open: false });
    expect(log.append).toHaveBeenCalledTimes(2);
  });

  test('asks nothing of the log for no events', async () => {
    const { publisher, log } = aPublisher();

    await publisher.publish();

    expect(log.append).not.toHaveBeenCalled();
  });

  test.each(['ValidationException', 'ItemCollectionSizeLimitExceededException'])(
    '%s drops this event and leaves the breaker alone',
    async (reason) => {
      const { publisher, breaker, logger, written } = aPublisher(...Array<unknown>(5).fill(storeError(reason)));

      for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await publisher.publish(milestone(name));

      expect(await written()).toStrictEqual(['f']);
      expect(breaker).toStrictEqual({ failures: 0, open: false });
      expect(logger.lines[0]).toStrictEqual({ level: 'warn', message: 'event dropped', fields: { reason } });
    },
  );

  test.each(['ResourceNotFoundException', 'AccessDeniedException', 'UnauthorizedOperation'])(
    '%s ends the stream at once',
    async (reason) => {
      const { publisher, breaker, logger, log } = aPublisher(storeError(reason));

      await publisher.publish(milestone('a'));
      await publisher.publish(milestone('b'));

      expect(breaker).toStrictEqual({ failures: 1, open: true });
      expect(log.append).toHaveBeenCalledTimes(1);
      expect(logger.lines).toStrictEqual([
        { level: 'warn', message: 'event not written', fields: { reason, open: true } },
      ]);
    },
  );

  test('three transient failures in a row open the breaker for good', async () => {
    const throttled = storeError('ThrottlingException');
    const { publisher, breaker, log, logger, written } = aPublisher(throttled, throttled, throttled);

    for (const name of ['a', 'b', 'c', 'd']) await publisher.publish(milestone(name));

    expect(limits.publisherFailures).toBe(3);
    expect(breaker).toStrictEqual({ failures: 3, open: true });
    expect(log.append).toHaveBeenCalledTimes(3);
    expect(logger.lines.map(({ fields }) => fields['open'])).toStrictEqual([false, false, true]);
    expect(await written()).toStrictEqual([]);
  });

  test('a success resets the count', async () => {
    const throttled = storeError('ThrottlingException');
    const { publisher, breaker, written } = aPublisher(throttled, throttled, undefined, throttled, throttled);

    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await publisher.publish(milestone(name));

    expect(breaker).toStrictEqual({ failures: 0, open: false });
    expect(await written()).toStrictEqual(['c', 'f']);
  });

  test('a success under way does not close a breaker that is open', async () => {
    const { publisher, breaker, log, written } = aPublisher();
    const append = jest.mocked(log.append).getMockImplementation()!;
    jest.mocked(log.append).mockImplementationOnce(async (...args) => {
      breaker.open = true;
      return append(...args);
    });

    await publisher.publish(milestone('a'));
    await publisher.publish(milestone('b'));

    expect(breaker.open).toBe(true);
    expect(await written()).toStrictEqual(['a']);
  });

  test('one breaker counts for all writers of a task', async () => {
    const one = aPublisher(storeError('ThrottlingException'), storeError('ThrottlingException'));
    const other = createEventPublisher({ ...one, owner });
    one.breaker.failures = 1;

    await one.publisher.publish(milestone('a'));
    await other.publish(milestone('b'));
    await one.publisher.publish(milestone('c'));

    expect(one.breaker.open).toBe(true);
    expect(one.log.append).toHaveBeenCalledTimes(2);
  });

  test.each([
    [new TypeError('x is not a function'), 'TypeError'],
    ['thrown text', 'UNKNOWN'],
    [new AbcaError('INTERNAL_ERROR', 'x'), 'INTERNAL_ERROR'],
    [storeError('NewKindOfException'), 'NewKindOfException'],
  ])('%s counts as transient and is logged as an error with UNKNOWN', async (error, reason) => {
    const { publisher, breaker, logger } = aPublisher(error);

    await publisher.publish(milestone('a'));

    expect(breaker).toStrictEqual({ failures: 1, open: false });
    expect(logger.lines).toStrictEqual([
      { level: 'error', message: 'event not written: UNKNOWN error', fields: { reason, open: false } },
    ]);
  });
});

describe('classifyPublishError()', () => {
  test.each([
    ['permanent', ['ValidationException', 'ItemCollectionSizeLimitExceededException', 'VALIDATION_ERROR']],
    ['disable', ['ResourceNotFoundException', 'AccessDeniedException', 'UnauthorizedOperation']],
    [
      'transient',
      [
        'ProvisionedThroughputExceededException',
        'ReplicatedWriteConflictException',
        'RequestLimitExceeded',
        'SERVICE_UNAVAILABLE',
        'Throttling',
        'ThrottlingException',
        'ServiceUnavailable',
        'ServiceUnavailableException',
        'InternalServerError',
        'TransactionConflictException',
        'TransactionCanceledException',
        'TransactionInProgressException',
        'TimeoutError',
        'NetworkingError',
        'ECONNREFUSED',
        'ECONNRESET',
        'ETIMEDOUT',
        'EPIPE',
        'ENOTFOUND',
        'EHOSTUNREACH',
        'EAI_AGAIN',
      ],
    ],
    ['unknown', ['', 'Error', 'ERROR_X', 'SomethingElse', 'validationexception']],
  ] as const)('%s: %j', (kind, reasons) => {
    expect(reasons.map(classifyPublishError)).toStrictEqual(reasons.map(() => kind));
  });
});
