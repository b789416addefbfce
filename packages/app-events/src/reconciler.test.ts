import { mintSessionId, openSession, tokens, type ComputeStrategy } from '@abca/core';
import {
  aTask,
  aTaskId,
  CapturingLogger,
  FakeClock,
  InMemoryApprovalRepository,
  InMemoryComputeStrategy,
  InMemoryEventLog,
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
  const ports = new ContainerModule(({ bind }) => {
    bind(tokens.clock).toConstantValue(clock);
    bind(tokens.logger).toConstantValue(logger);
    bind(tokens.taskRepository).toConstantValue(tasks);
    bind(tokens.approvalRepository).toConstantValue(new InMemoryApprovalRepository(tasks));
    bind(tokens.slotRepository).toConstantValue(slots);
    bind(tokens.eventLog).toConstantValue(events);
    bind(tokens.sessionSignals).toConstantValue(new InMemorySessionSignals());
    bind(tokens.taskExecutions).toConstantValue(new InMemoryTaskExecutions());
    for (const strategy of strategies) bind(tokens.computeStrategy).toConstantValue(strategy);
  });
  return { clock, tasks, slots, logger, modules: [ports] };
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
