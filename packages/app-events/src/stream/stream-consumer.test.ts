import type { TaskEvent } from '@abca/core';
import { aTaskId, CapturingLogger } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { createStreamConsumer } from './stream-consumer.ts';

const keys = (seq: number) => ({ task_id: { S: aTaskId() }, seq: { N: String(seq) } });
const image = (seq: number) => ({
  ...keys(seq),
  event_id: { S: `e${String(seq)}` },
  event_type: { S: 'task_cancelled' },
  timestamp: { S: '2026-01-01T00:00:00.000Z' },
  user_id: { S: 'ann' },
  repo: { S: 'acme/shop' },
  ttl: { N: '1775000000' },
  metadata: { M: { by: { S: 'ann' } } },
});
const record = (seq: number, fields: object = {}) => ({
  eventName: 'INSERT',
  dynamodb: { Keys: keys(seq), SequenceNumber: `n${String(seq)}`, NewImage: image(seq), ...fields },
});
const event = (seq: number): TaskEvent => ({
  taskId: aTaskId(),
  seq,
  eventId: `e${String(seq)}`,
  eventType: 'task_cancelled',
  timestamp: '2026-01-01T00:00:00.000Z' as TaskEvent['timestamp'],
  metadata: { by: 'ann' },
  userId: 'ann' as TaskEvent['userId'],
  repo: 'acme/shop' as TaskEvent['repo'],
});

/** A consumer that keeps the events it is given and wants those of `unsafe` again. */
function aConsumer(unsafe: readonly number[] = []) {
  const logger = new CapturingLogger();
  const given: TaskEvent[][] = [];
  const handle = createStreamConsumer({
    name: 'it',
    logger,
    consume: async (events) => {
      given.push([...events]);
      return { unsafe: new Set(events.filter(({ seq }) => unsafe.includes(seq))), fields: { more: 1 } };
    },
  });
  return { handle, given, logger };
}

describe('createStreamConsumer()', () => {
  test('gives the events of a batch, in its order', async () => {
    const { handle, given, logger } = aConsumer();

    const response = await handle({ Records: [record(2), record(1), record(2)] });

    expect(given).toStrictEqual([[event(2), event(1), event(2)]]);
    expect(response).toStrictEqual({ batchItemFailures: [] });
    expect(logger.lines).toStrictEqual([
      {
        level: 'debug',
        message: 'batch consumed',
        fields: { consumer: 'it', records: 3, unreadable: 0, again: 0, more: 1 },
      },
    ]);
  });

  test('asks for the records again whose events are not safe, and for no others', async () => {
    const { handle, logger } = aConsumer([2, 4]);

    const response = await handle({ Records: [1, 2, 3, 4].map((seq) => record(seq)) });

    expect(response).toStrictEqual({ batchItemFailures: [{ itemIdentifier: 'n2' }, { itemIdentifier: 'n4' }] });
    expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', fields: { records: 4, again: 2 } });
  });

  const { event_type: _type, ...untyped } = image(2);
  const unreadable: readonly (readonly [string, unknown])[] = [
    ['an image that lacks a field', record(2, { NewImage: untyped })],
    [
      'an event of a type of a later version',
      record(2, { NewImage: { ...image(2), event_type: { S: 'task_teleported' } } }),
    ],
    ['an image that is none', record(2, { NewImage: { ...image(2), metadata: { Q: 1 } } })],
    ['no image', record(2, { NewImage: undefined })],
    ['a number that is none', record(2, { NewImage: { ...image(2), seq: { N: 'two' } } })],
    ['no number of its own', record(2, { SequenceNumber: undefined })],
    ['an operation that nobody knows', { ...record(2), eventName: 'TRUNCATE' }],
    ['no DynamoDB', { eventName: 'INSERT' }],
    ['a text', 'record'],
    ['nothing', null],
  ];

  test.each(unreadable)('a record with %s is left behind, said and counted', async (_what, bad) => {
    const { handle, given, logger } = aConsumer();

    const response = await handle({ Records: [record(1), bad, record(3)] });

    expect(given).toStrictEqual([[event(1), event(3)]]);
    expect(response).toStrictEqual({ batchItemFailures: [] });
    expect(logger.lines.map(({ level, message }) => [level, message])).toStrictEqual([
      ['error', 'stream record skipped'],
      ['warn', 'batch consumed'],
    ]);
    expect(logger.lines[0]?.fields).toMatchObject({ errorId: 'STREAM_RECORD_SKIPPED', why: expect.any(String) });
    expect(logger.lines[1]?.fields).toMatchObject({ records: 3, unreadable: 1 });
  });

  test('what is said of a record names its event and shows nothing of its text', async () => {
    const { handle, logger } = aConsumer();
    const bad = record(2, {
      NewImage: { ...image(2), event_type: { S: 'x' }, metadata: { M: { text: { S: 'hunter2' } } } },
    });

    await handle({ Records: [bad] });

    expect(logger.lines[0]?.fields).toMatchObject({ taskId: aTaskId(), seq: '2' });
    expect(JSON.stringify(logger.lines)).not.toContain('hunter2');
  });

  test('an event that was removed is none', async () => {
    const { handle, given } = aConsumer();

    await handle({ Records: [{ ...record(1, { NewImage: undefined }), eventName: 'REMOVE' }] });

    expect(given).toStrictEqual([[]]);
  });

  test.each([undefined, {}, { Records: 1 }, 'x'])('refuses %j, which is no batch', async (batch) => {
    await expect(aConsumer().handle(batch)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});
