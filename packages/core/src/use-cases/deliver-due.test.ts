import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import { aTaskId } from '../testing/builders.ts';
import { deliverDue } from './deliver-due.ts';
import { deliverEvents } from './deliver-events.ts';
import { aDeliverWorld, created, started } from './deliver-world.test-kit.ts';

const away = new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true });
const slack1 = { taskId: aTaskId(), seq: 1, channel: 'slack' } as const;
const lease = { nowMs: Date.UTC(2026, 0, 1), claimMs: limits.delivery.claimMs };

/** A channel that takes nothing until it is mended. */
function aBrokenSlack() {
  const state = { mended: false };
  const slack = async () =>
    state.mended
      ? ({ kind: 'delivered' } as const)
      : ({ kind: 'retry', code: 'busy', message: 'm', accepted: false } as const);
  return { state, answers: { slack } };
}

describe('deliverDue()', () => {
  test('makes what a channel could not take once it is due, and not before', async () => {
    const { state, answers } = aBrokenSlack();
    const { deps, clock, outbox, told, aLog } = aDeliverWorld({ answers });
    await deliverEvents(deps, await aLog([created]));
    state.mended = true;

    await clock.advance(1_999);
    const early = await deliverDue(deps);
    await clock.advance(1);
    const late = await deliverDue(deps);

    expect([early, late]).toStrictEqual([
      { looked: 0, counts: {}, errors: {}, more: false },
      { looked: 1, counts: { delivered: 1 }, errors: {}, more: false },
    ]);
    expect(told.at(-1)?.notification).toMatchObject({ event: { seq: 1, eventType: 'task_created' }, uncertain: false });
    expect(await outbox.find(slack1)).toMatchObject({ state: 'delivered', attempts: 2 });
  });

  test('makes what a consumer died over, as uncertain', async () => {
    const { deps, clock, outbox, told, aLog } = aDeliverWorld();
    await aLog([created]);
    await outbox.claim(slack1, lease);
    await clock.advance(limits.delivery.claimMs);

    await deliverDue(deps);

    expect(told.map(({ notification: { uncertain } }) => uncertain)).toStrictEqual([true]);
  });

  test('tells of one task in the order of its log, whichever is the longest due', async () => {
    const { deps, clock, outbox, said, aLog } = aDeliverWorld();
    await aLog([created, started]);
    for (const [seq, untilMs] of [
      [2, 1_000],
      [1, 2_000],
    ] as const) {
      const result = await outbox.claim({ ...slack1, seq }, lease);
      if (result.kind !== 'claimed') throw new Error(result.kind);
      const settlement = { kind: 'postponed', code: 'x', message: 'm', untilMs: lease.nowMs + untilMs } as const;
      await outbox.settle(result.claim, { ...settlement, uncertain: false }, lease);
    }
    await clock.advance(5_000);

    await deliverDue(deps);

    expect(said()).toStrictEqual(['slack 1', 'slack 2']);
  });

  test('gives up after a day, and says so as an error', async () => {
    const { answers } = aBrokenSlack();
    const { deps, clock, outbox, logger, told, aLog } = aDeliverWorld({ answers });
    await deliverEvents(deps, await aLog([created]));

    for (let minutes = 0; minutes <= 24 * 60; minutes += 1) {
      await clock.advance(60_000);
      await deliverDue(deps);
    }

    expect(await outbox.find(slack1)).toMatchObject({ state: 'refused', code: 'DELIVERY_GAVE_UP' });
    // Once every five minutes of a day, and a few times more at its beginning.
    expect(told.length).toBeGreaterThan(280);
    expect(told.length).toBeLessThan(310);
    expect(logger.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'delivery refused', fields: { code: 'DELIVERY_GAVE_UP' } },
    ]);
  });

  test('goes through all that is due, page by page', async () => {
    const { state, answers } = aBrokenSlack();
    const { deps, clock, aLog } = aDeliverWorld({ answers });
    for (const n of [1, 2, 3, 4, 5]) await deliverEvents(deps, await aLog([created], { taskId: aTaskId(n) }));
    state.mended = true;
    await clock.advance(10_000);

    expect(await deliverDue(deps, { limit: 2 })).toStrictEqual({
      looked: 5,
      counts: { delivered: 5 },
      errors: {},
      more: false,
    });
  });

  test('looks at nothing twice: a page that stays due ends it', async () => {
    const { deps, clock, outbox, aLog } = aDeliverWorld();
    for (const n of [1, 2, 3]) {
      await aLog([created], { taskId: aTaskId(n) });
      await outbox.claim({ ...slack1, taskId: aTaskId(n) }, lease);
    }
    await clock.advance(limits.delivery.claimMs);
    deps.outbox.claim = () => Promise.reject(away);

    expect(await deliverDue(deps, { limit: 2 })).toStrictEqual({
      looked: 2,
      counts: { failed: 2 },
      errors: { SERVICE_UNAVAILABLE: 2 },
      more: true,
    });
  });

  test('begins nothing when its time is up, or when it is told to', async () => {
    const { deps, clock, outbox, said, aLog } = aDeliverWorld();
    await aLog([created]);
    await outbox.claim(slack1, lease);
    await clock.advance(limits.delivery.claimMs);

    const reports = [await deliverDue(deps, { budgetMs: 0 }), await deliverDue(deps, { signal: AbortSignal.abort() })];

    expect(reports.map(({ counts, more }) => [counts, more])).toStrictEqual([
      [{ left: 1 }, true],
      [{ left: 1 }, true],
    ]);
    expect(said()).toStrictEqual([]);
  });

  test('an event that is gone is left behind', async () => {
    const { deps, clock, outbox, aLog } = aDeliverWorld();
    await aLog([created]);
    await outbox.claim({ ...slack1, seq: 404 }, lease);
    await clock.advance(limits.delivery.claimMs);

    await deliverDue(deps);

    expect(await outbox.find({ ...slack1, seq: 404 })).toMatchObject({
      state: 'skipped',
      message: 'the event is gone',
    });
  });

  test('who has been switched off meanwhile is not told', async () => {
    const { answers } = aBrokenSlack();
    const { deps, clock, outbox, said, aLog } = aDeliverWorld({ answers });
    await deliverEvents(deps, await aLog([created]));
    deps.settings.get = async () => ({});
    await clock.advance(10_000);

    await deliverDue(deps);

    expect(said()).toStrictEqual(['slack 1']);
    expect(await outbox.find(slack1)).toMatchObject({
      state: 'skipped',
      message: 'the owner of the task is not told on slack',
    });
  });

  test('says in one line what it did, louder when something is wrong, and never rejects', async () => {
    const { deps, clock, outbox, logger, aLog } = aDeliverWorld();
    await deliverDue(deps);
    await aLog([created]);
    await outbox.claim(slack1, lease);
    await clock.advance(limits.delivery.claimMs);
    await deliverDue(deps);
    deps.outbox.listDue = () => Promise.reject(away);
    const report = await deliverDue(deps);

    expect(report).toStrictEqual({ looked: 0, counts: {}, errors: { SERVICE_UNAVAILABLE: 1 }, more: true });
    expect(logger.lines.filter(({ message }) => message === 'outbox swept').map(({ level }) => level)).toStrictEqual([
      'debug',
      'info',
      'error',
    ]);
  });
});
