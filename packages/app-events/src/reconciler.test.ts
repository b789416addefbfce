import { mintSessionId, openSession, tokens, type ComputeStrategy, type Notifier } from '@abca/core';
import {
  aTask,
  aTaskId,
  CapturingLogger,
  FakeClock,
  InMemoryApprovalRepository,
  InMemoryComputeStrategy,
  InMemoryEventLog,
  InMemoryOutbox,
  InMemoryRepoConfigRepository,
  InMemorySessionSignals,
  InMemorySlotRepository,
  InMemoryTaskExecutions,
  InMemoryTaskRepository,
  testEpochMs,
} from '@abca/core/testing';
import { describe, expect, jest, test } from '@jest/globals';
import { ContainerModule } from 'inversify';
import { createReconciler } from './reconciler.ts';

function anInstallation(...strategies: readonly ComputeStrategy[]) {
  const clock = new FakeClock();
  const events = new InMemoryEventLog(clock);
  const tasks = new InMemoryTaskRepository(events);
  const slots = new InMemorySlotRepository();
  const logger = new CapturingLogger();
  const outbox = new InMemoryOutbox();
  const ports = new ContainerModule(({ bind }) => {
    bind(tokens.clock).toConstantValue(clock);
    bind(tokens.logger).toConstantValue(logger);
    bind(tokens.taskRepository).toConstantValue(tasks);
    bind(tokens.approvalRepository).toConstantValue(new InMemoryApprovalRepository(tasks));
    bind(tokens.slotRepository).toConstantValue(slots);
    bind(tokens.eventLog).toConstantValue(events);
    bind(tokens.sessionSignals).toConstantValue(new InMemorySessionSignals());
    bind(tokens.taskExecutions).toConstantValue(new InMemoryTaskExecutions());
    bind(tokens.outbox).toConstantValue(outbox);
    bind(tokens.repoConfigRepository).toConstantValue(new InMemoryRepoConfigRepository());
    bind(tokens.notificationSettings).toConstantValue({
      get: async () => ({ slack: { conversation: 'C0ANN' } }),
      put: async () => undefined,
    });
    for (const strategy of strategies) bind(tokens.computeStrategy).toConstantValue(strategy);
  });
  return { clock, tasks, slots, events, outbox, logger, modules: [ports] };
}

/** An open session of a task that ended an hour ago. */
async function anOrphan(tasks: InMemoryTaskRepository, strategy: InMemoryComputeStrategy, n: number): Promise<void> {
  const taskId = aTaskId(n);
  const sessionId = mintSessionId(taskId, 1);
  const handle = await strategy.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
  const entry = openSession(handle, testEpochMs);
  await tasks.create({ task: aTask({ taskId, sessionId, generation: 1, status: 'FAILED', ...entry }), events: [] });
}

const hour = 3_600_000;

describe('createReconciler()', () => {
  test('ends orphans of every backend that the modules bound', async () => {
    const [one, two] = [new InMemoryComputeStrategy('one'), new InMemoryComputeStrategy('two')];
    const { tasks, clock, modules } = anInstallation(one, two);
    await anOrphan(tasks, one, 1);
    await anOrphan(tasks, two, 2);
    await clock.advance(hour);

    const report = await createReconciler(modules)();

    expect(report).toMatchObject({ outcome: 'clean', sessions: { looked: 2, did: { proven: 2 } } });
    expect([one, two].map(({ stopped }) => stopped.length)).toStrictEqual([1, 1]);
  });

  test('a backend that nobody bound is counted, and answers all the same', async () => {
    const { tasks, clock, modules } = anInstallation();
    await anOrphan(tasks, new InMemoryComputeStrategy('gone'), 1);
    await clock.advance(hour);

    const report = await createReconciler(modules)();

    expect(report).toMatchObject({ outcome: 'partial', sessions: { errors: { UNKNOWN_COMPUTE_TYPE: 1 } } });
  });

  test('begins nothing in the last half minute of an invocation', async () => {
    const strategy = new InMemoryComputeStrategy();
    const { tasks, clock, modules } = anInstallation(strategy);
    await anOrphan(tasks, strategy, 1);
    await clock.advance(hour);
    const run = createReconciler(modules);

    const late = await run({}, { getRemainingTimeInMillis: () => 30_000 });
    const later = await run({}, { getRemainingTimeInMillis: () => 1 });
    const early = await run({}, { getRemainingTimeInMillis: () => 30_001 });

    expect([late, later, early].map(({ sessions }) => [sessions.looked, sessions.more])).toStrictEqual([
      [0, true],
      [0, true],
      [1, false],
    ]);
  });

  test('sweeps the outbox in the same run, and says so in a line of its own', async () => {
    const { tasks, events, outbox, clock, logger, modules } = anInstallation();
    const task = aTask();
    await tasks.create({ task, events: [{ eventType: 'task_created', metadata: { repo: 'r', task_type: 't' } }] });
    const key = { taskId: task.taskId, seq: 1, channel: 'slack' } as const;
    await outbox.claim(key, { nowMs: clock.nowMs(), claimMs: 60_000 });
    await clock.advance(60_000);
    const told: string[] = [];
    const slack = new ContainerModule(({ bind }) => {
      const notifier: Notifier = {
        channel: 'slack',
        deliver: async ({ event, uncertain }) => {
          told.push(`${event.eventType}, uncertain: ${String(uncertain)}`);
          return { kind: 'delivered' };
        },
      };
      bind(tokens.notifier).toConstantValue(notifier);
    });

    await createReconciler([...modules, slack])();

    expect(await events.read({ taskId: task.taskId, after: 0, limit: 10 })).toHaveLength(1);
    expect(told).toStrictEqual(['task_created, uncertain: true']);
    expect(await outbox.find(key)).toMatchObject({ state: 'delivered', attempts: 2 });
    expect(logger.lines.filter(({ message }) => message === 'outbox swept')).toStrictEqual([
      {
        level: 'info',
        message: 'outbox swept',
        fields: { looked: 1, counts: { delivered: 1 }, errors: {}, more: false },
      },
    ]);
  });

  test('an invocation that could do nothing fails with a code of its own', async () => {
    const { tasks, slots, logger, modules } = anInstallation();
    const away = new Error('away');
    jest.spyOn(tasks, 'listByStatus').mockRejectedValue(away);
    jest.spyOn(tasks, 'listOpenSessions').mockRejectedValue(away);
    jest.spyOn(slots, 'listUsers').mockRejectedValue(away);

    await expect(createReconciler(modules)()).rejects.toMatchObject({
      code: 'RECONCILE_FAILED',
      retryable: true,
      details: { tasks: { STORE_ERROR: 6 }, sessions: { STORE_ERROR: 1 }, slots: { STORE_ERROR: 1 } },
    });
    expect(logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { errorId: 'RECONCILE_FAILED' } });
  });
});
