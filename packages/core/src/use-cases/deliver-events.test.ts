import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import type { DeliveryOutcome, Notification } from '../notify/notification.ts';
import { aTaskId, anApproval, testEpochMs } from '../testing/builders.ts';
import { deliverEvents } from './deliver-events.ts';
import { aDeliverWorld, asked, completed, created, started, turned } from './deliver-world.test-kit.ts';

const away = new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true });
const slack1 = { taskId: aTaskId(), seq: 1, channel: 'slack' } as const;

describe('deliverEvents()', () => {
  test('tells each event on the channels that it is for, and keeps how that went', async () => {
    const { deps, said, outbox, aLog } = aDeliverWorld();
    const log = await aLog([created, turned, asked, completed]);

    const report = await deliverEvents(deps, log);

    expect(said().sort()).toStrictEqual(['email 3', 'email 4', 'github 4', 'slack 1', 'slack 3', 'slack 4']);
    expect(report).toStrictEqual({ counts: { delivered: 6 }, unsafe: new Set() });
    expect(outbox.all()).toHaveLength(6);
  });

  test('gives a channel all that it needs', async () => {
    const { deps, told, aLog, tasks } = aDeliverWorld({
      channels: ['slack'],
      settings: { slack: { conversation: 'C0' } },
    });
    const approval = anApproval();
    const [, event] = await aLog([created, asked]);
    deps.approvals.find = async () => approval;

    await deliverEvents(deps, [event!]);

    const notification: Notification = {
      event: event!,
      task: (await tasks.find(aTaskId()))!,
      approval,
      settings: { slack: { conversation: 'C0' } },
      memory: {},
      uncertain: false,
    };
    expect(told).toStrictEqual([{ channel: 'slack', notification }]);
  });

  test('an event that comes again is not told again', async () => {
    const { deps, said, aLog } = aDeliverWorld();
    const log = await aLog([created]);

    const reports = [await deliverEvents(deps, log), await deliverEvents(deps, [...log, ...log])];

    expect(said()).toStrictEqual(['slack 1']);
    expect(reports.map(({ counts }) => counts)).toStrictEqual([{ delivered: 1 }, { settled: 2 }]);
  });

  test('nothing is kept of an event that is for nobody, or whose owner wants none of it', async () => {
    const { deps, outbox, aLog } = aDeliverWorld({ settings: {}, forge: 'git' });
    const log = await aLog([created, turned, completed]);

    expect(await deliverEvents(deps, log)).toStrictEqual({ counts: {}, unsafe: new Set() });
    expect(outbox.all()).toStrictEqual([]);
  });

  test('what a channel keeps is what it is given with the next event of the task', async () => {
    const { deps, told, aLog } = aDeliverWorld({
      settings: { slack: { conversation: 'C0' } },
      answers: { slack: async ({ event }) => ({ kind: 'delivered', memory: { threadTs: `t${String(event.seq)}` } }) },
      forge: 'git',
    });
    const log = await aLog([created, started]);

    await deliverEvents(deps, log);

    expect(told.map(({ notification: { memory } }) => memory)).toStrictEqual([{}, { threadTs: 't1' }]);
  });

  test('what was reached is kept although the rest was not', async () => {
    const { deps, told, aLog } = aDeliverWorld({
      answers: {
        slack: async () => ({ kind: 'retry', code: 'x', message: 'm', memory: { part: 1 }, accepted: false }),
      },
    });

    await deliverEvents(deps, await aLog([created, started]));

    expect(told.map(({ notification: { memory } }) => memory)).toStrictEqual([{}, { part: 1 }]);
  });

  test('memory of more than 32 KB is a defect of the channel: it is said, and the earlier one stays', async () => {
    const { deps, told, logger, aLog } = aDeliverWorld({
      answers: {
        slack: async ({ event }) => ({
          kind: 'delivered',
          memory: event.seq === 2 ? { text: 'é'.repeat(limits.delivery.memoryBytes / 2) } : { seq: event.seq },
        }),
      },
    });

    await deliverEvents(deps, await aLog([created, started, asked]));

    const slack = told.filter(({ channel }) => channel === 'slack');
    expect(slack.at(-1)?.notification.memory).toStrictEqual({ seq: 1 });
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'channel keeps too much of a task' }),
    );
  });

  describe('a channel that cannot take it now', () => {
    const cases: readonly (readonly [string, DeliveryOutcome | Error, object])[] = [
      [
        'asks for time',
        { kind: 'retry', code: 'rate_limited', message: 'later', retryAfterMs: 30_000, accepted: false },
        { code: 'rate_limited', uncertain: false, dueAt: '2026-01-01T00:00:32.000Z' },
      ],
      [
        'says no',
        { kind: 'retry', code: 'busy', message: 'later', accepted: false },
        { code: 'busy', uncertain: false, dueAt: '2026-01-01T00:00:02.000Z' },
      ],
      ['breaks off', { kind: 'retry', code: 'reset', message: 'm' }, { code: 'reset', uncertain: true }],
      ['throws', new Error('socket hang up'), { code: 'INTERNAL_ERROR', uncertain: true }],
    ];

    test.each(cases)('that %s keeps no record: the outbox has it', async (_what, outcome, kept) => {
      const { deps, outbox, logger, aLog } = aDeliverWorld({
        answers: {
          slack: async () => {
            if (outcome instanceof Error) throw outcome;
            return outcome;
          },
        },
      });

      const report = await deliverEvents(deps, await aLog([created]));

      expect(report).toStrictEqual({ counts: { postponed: 1 }, unsafe: new Set() });
      expect(await outbox.find(slack1)).toMatchObject({ state: 'postponed', attempts: 1, ...kept });
      expect(logger.lines.at(-1)).toMatchObject({
        level: 'warn',
        message: 'delivery postponed',
        fields: { channel: 'slack' },
      });
    });

    test('keeps none of the others', async () => {
      const { deps, outbox, said, aLog } = aDeliverWorld({ answers: { slack: () => Promise.reject(new Error('x')) } });

      await deliverEvents(deps, await aLog([completed]));

      expect(said().sort()).toStrictEqual(['email 1', 'github 1', 'slack 1']);
      expect(
        outbox
          .all()
          .map(({ key, record }) => [key.channel, record.state])
          .sort(),
      ).toStrictEqual([
        ['email', 'delivered'],
        ['github', 'delivered'],
        ['slack', 'postponed'],
      ]);
    });

    test('keeps secrets of its errors out of the store and the log', async () => {
      const secret = `xoxb-${'1'.repeat(12)}-${'a'.repeat(24)}`;
      const { deps, outbox, logger, aLog } = aDeliverWorld({
        answers: { slack: () => Promise.reject(new Error(`refused: Bearer ${secret}`)) },
      });

      await deliverEvents(deps, await aLog([created]));

      expect(JSON.stringify([await outbox.find(slack1), logger.lines])).not.toContain(secret);
    });
  });

  test('a channel that never answers is told to end after 20 s, and is left alone for a minute', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const { deps, clock, outbox, said, aLog } = aDeliverWorld({
      answers: {
        slack: async (_notification, { signal }) => {
          signals.push(signal);
          return new Promise(() => undefined);
        },
      },
    });
    const log = (
      await Promise.all([1, 2, 3].map((n) => aLog([created, started, completed], { taskId: aTaskId(n) })))
    ).flat();

    const running = deliverEvents(deps, log, { atOnce: 2 });
    await clock.advance(limits.delivery.tryMs);
    const report = await running;

    // Two waited in vain; the others of the channel were not tried, and the other channels had nothing of it.
    expect(said().filter((text) => text.startsWith('slack'))).toHaveLength(2);
    expect(signals.map((signal) => signal?.aborted)).toStrictEqual([true, true]);
    expect(report).toStrictEqual({ counts: { delivered: 6, postponed: 9 }, unsafe: new Set() });
    expect(await outbox.find({ ...slack1, seq: 2 })).toMatchObject({
      state: 'postponed',
      uncertain: false,
      message: 'slack did not answer a moment ago',
      dueAt: '2026-01-01T00:01:22.000Z',
    });

    await deliverEvents(deps, await aLog([created], { taskId: aTaskId(4) }));
    expect(said().filter((text) => text.startsWith('slack'))).toHaveLength(2);
  });

  test('what a channel will never take is recorded, said as an error, and not tried again', async () => {
    const { deps, outbox, logger, said, aLog } = aDeliverWorld({
      answers: { slack: async () => ({ kind: 'refused', code: 'is_archived', message: 'gone' }) },
    });
    const log = await aLog([created]);

    await deliverEvents(deps, log);
    await deliverEvents(deps, log);

    expect(said()).toStrictEqual(['slack 1']);
    expect(await outbox.find(slack1)).toMatchObject({ state: 'refused', code: 'is_archived', message: 'gone' });
    expect(logger.lines.filter(({ level }) => level === 'error')).toStrictEqual([
      {
        level: 'error',
        message: 'delivery refused',
        fields: { taskId: aTaskId(), seq: 1, channel: 'slack', attempt: 1, code: 'is_archived', why: 'gone' },
      },
    ]);
  });

  test('a channel that somebody wants and nobody set up is an error, once for each event, and not silence', async () => {
    const { deps, outbox, logger, aLog } = aDeliverWorld({ channels: ['email'], forge: 'git' });
    const log = await aLog([created]);

    await deliverEvents(deps, log);
    await deliverEvents(deps, log);

    expect(await outbox.find(slack1)).toMatchObject({ state: 'refused', code: 'CHANNEL_NOT_CONFIGURED' });
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test('a channel that has nothing to say says why', async () => {
    const { deps, outbox, aLog } = aDeliverWorld({
      answers: { slack: async () => ({ kind: 'skipped', why: 'no thread' }) },
    });

    await deliverEvents(deps, await aLog([created]));

    expect(await outbox.find(slack1)).toMatchObject({ state: 'skipped', message: 'no thread' });
  });

  test('an event of a task that is gone is left behind', async () => {
    const { deps, outbox, aLog } = aDeliverWorld();
    const log = await aLog([created]);
    deps.tasks.find = async () => undefined;

    await deliverEvents(deps, log);

    expect(await outbox.find(slack1)).toMatchObject({ state: 'skipped', message: 'the task is gone' });
  });

  describe('when a store does not answer', () => {
    test('who is to be told, only that record comes again', async () => {
      const { deps, said, logger, aLog } = aDeliverWorld();
      const one = await aLog([created], { taskId: aTaskId(1), userId: 'bob' as never });
      const two = await aLog([created], { taskId: aTaskId(2) });
      const { get } = deps.settings;
      deps.settings.get = async (userId) => (userId === 'bob' ? Promise.reject(away) : get(userId));

      const report = await deliverEvents(deps, [...one, ...two]);

      expect(report).toStrictEqual({ counts: { delivered: 1 }, unsafe: new Set(one) });
      expect(said()).toStrictEqual(['slack 1']);
      expect(logger.lines).toContainEqual(
        expect.objectContaining({ level: 'warn', message: 'not found out who is to be told' }),
      );
    });

    test('the outbox, only the records that it could not take come again', async () => {
      const { deps, said, aLog } = aDeliverWorld();
      const log = await aLog([created, completed]);
      const claim = deps.outbox.claim.bind(deps.outbox);
      deps.outbox.claim = async (key, ...rest) =>
        key.channel === 'email' ? Promise.reject(away) : claim(key, ...rest);

      const report = await deliverEvents(deps, log);

      expect(report).toStrictEqual({ counts: { delivered: 3, failed: 1 }, unsafe: new Set([log[1]]) });
      expect(said().sort()).toStrictEqual(['github 2', 'slack 1', 'slack 2']);
    });

    test('the task, the delivery is claimed and waits in the outbox', async () => {
      const { deps, outbox, said, aLog } = aDeliverWorld();
      const log = await aLog([created]);
      deps.tasks.find = () => Promise.reject(away);

      const report = await deliverEvents(deps, log);

      expect(report).toStrictEqual({ counts: { postponed: 1 }, unsafe: new Set() });
      expect(said()).toStrictEqual([]);
      expect(await outbox.find(slack1)).toMatchObject({
        state: 'postponed',
        uncertain: false,
        code: 'SERVICE_UNAVAILABLE',
      });
    });

    test('damaged settings block nothing: the outbox keeps what they could be about until they are mended', async () => {
      const { deps, outbox, aLog } = aDeliverWorld();
      deps.settings.get = () => Promise.reject(new AbcaError('STORE_CORRUPT', 'settings of ann'));

      const report = await deliverEvents(deps, await aLog([created]));

      expect(report).toStrictEqual({ counts: { postponed: 1 }, unsafe: new Set() });
      expect(await outbox.find(slack1)).toMatchObject({ state: 'postponed', code: 'STORE_CORRUPT' });
    });
  });

  test('a claim that was taken over meanwhile settles nothing, and it is said', async () => {
    const { deps, outbox, clock, logger, aLog } = aDeliverWorld({
      answers: {
        slack: async () => {
          await outbox.claim(slack1, { nowMs: testEpochMs + limits.delivery.claimMs, claimMs: 1 });
          return { kind: 'delivered' };
        },
      },
    });

    const report = await deliverEvents(deps, await aLog([created]));

    expect(report.counts).toStrictEqual({ lost: 1 });
    expect(await outbox.find(slack1)).toMatchObject({ state: 'claimed', attempts: 2, uncertain: true });
    expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', message: 'delivery was taken over while it was tried' });
    expect(clock.sleeping).toBe(0);
  });

  test('a claim that is nearly over is not used: its try could last longer than it', async () => {
    const { deps, clock, outbox, said, aLog } = aDeliverWorld();
    const log = await aLog([created]);
    const find = deps.tasks.find.bind(deps.tasks);
    deps.tasks.find = async (...args) => {
      await clock.advance(limits.delivery.claimMs - limits.delivery.tryMs + 1);
      return find(...args);
    };

    await deliverEvents(deps, log, { budgetMs: 100_000 });

    expect(said()).toStrictEqual([]);
    expect(await outbox.find(slack1)).toMatchObject({ state: 'postponed', uncertain: false });
  });

  test('begins nothing when its time is up, or when it is told to: what is left comes again', async () => {
    const { deps, said, aLog } = aDeliverWorld();
    const log = await aLog([created, completed]);

    const late = await deliverEvents(deps, log, { budgetMs: 0 });
    const stopped = await deliverEvents(deps, log, { signal: AbortSignal.abort() });

    expect([late, stopped]).toStrictEqual([
      { counts: { left: 4 }, unsafe: new Set(log) },
      { counts: { left: 4 }, unsafe: new Set(log) },
    ]);
    expect(said()).toStrictEqual([]);
  });

  test('tells of one task in the order of its log, and of as many tasks at once as it may', async () => {
    let atWork = 0;
    let most = 0;
    const { deps, told, aLog } = aDeliverWorld({
      settings: { slack: { conversation: 'C0' } },
      forge: 'git',
      answers: {
        slack: async () => {
          atWork += 1;
          most = Math.max(most, atWork);
          for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
          atWork -= 1;
          return { kind: 'delivered' };
        },
      },
    });
    const logs = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => aLog([created, started, completed], { taskId: aTaskId(n) })),
    );

    await deliverEvents(
      deps,
      [0, 1, 2].flatMap((at) => logs.map((log) => log[at]!)),
      { atOnce: 3 },
    );

    expect(most).toBe(3);
    for (const taskId of [1, 2, 3, 4, 5].map((n) => aTaskId(n))) {
      const own = told.filter(({ notification: { event } }) => event.taskId === taskId);
      expect(own.map(({ notification: { event } }) => event.seq)).toStrictEqual([1, 2, 3]);
    }
  });
});
