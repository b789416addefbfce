import { tokens, type Channel, type Notifier } from '@abca/core';
import {
  aRepoConfig,
  aTask,
  aTaskId,
  CapturingLogger,
  FakeClock,
  InMemoryApprovalRepository,
  InMemoryEventLog,
  InMemoryOutbox,
  InMemoryRepoConfigRepository,
  InMemoryTaskRepository,
} from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { ContainerModule } from 'inversify';
import { toRecord } from './crash-world/event-stream.test-kit.ts';
import { createFanOut } from './fan-out.ts';

async function anInstallation(channels: readonly Channel[]) {
  const clock = new FakeClock();
  const logger = new CapturingLogger();
  const events = new InMemoryEventLog(clock);
  const tasks = new InMemoryTaskRepository(events);
  const outbox = new InMemoryOutbox();
  const told: string[] = [];
  const notifier = (channel: Channel): Notifier => ({
    channel,
    deliver: async ({ event }) => {
      told.push(`${channel} ${event.eventType}`);
      return { kind: 'delivered' };
    },
  });
  const modules = [
    new ContainerModule(({ bind }) => {
      bind(tokens.clock).toConstantValue(clock);
      bind(tokens.logger).toConstantValue(logger);
      bind(tokens.taskRepository).toConstantValue(tasks);
      bind(tokens.approvalRepository).toConstantValue(new InMemoryApprovalRepository(tasks));
      bind(tokens.repoConfigRepository).toConstantValue(
        new InMemoryRepoConfigRepository(aRepoConfig({ forge: 'github' })),
      );
      bind(tokens.eventLog).toConstantValue(events);
      bind(tokens.outbox).toConstantValue(outbox);
      bind(tokens.notificationSettings).toConstantValue({
        get: async () => ({ slack: { conversation: 'C0ANN' } }),
        put: async () => undefined,
      });
    }),
    ...channels.map(
      (channel) => new ContainerModule(({ bind }) => void bind(tokens.notifier).toConstantValue(notifier(channel))),
    ),
  ];
  await tasks.create({ task: aTask(), events: [{ eventType: 'task_cancelled', metadata: { by: 'ann' } }] });
  const log = await events.read({ taskId: aTaskId(), after: 0, limit: 10 });
  const batch = { Records: log.map((event) => toRecord(event, `n${String(event.seq)}`)) };
  return { modules, batch, told, outbox, logger };
}

describe('createFanOut()', () => {
  test('tells on every channel that the modules bound and the event is for', async () => {
    const { modules, batch, told, logger } = await anInstallation(['slack', 'github', 'email']);

    const response = await createFanOut(modules)(batch);

    expect(told.sort()).toStrictEqual(['github task_cancelled', 'slack task_cancelled']);
    expect(response).toStrictEqual({ batchItemFailures: [] });
    expect(logger.lines.at(-1)?.fields).toMatchObject({ consumer: 'fan-out', deliveries: { delivered: 2 } });
  });

  test('an installation without channels says so of each event that somebody waits for', async () => {
    const { modules, batch, outbox } = await anInstallation([]);

    await createFanOut(modules)(batch);

    expect(outbox.all().map(({ record: { code } }) => code)).toStrictEqual([
      'CHANNEL_NOT_CONFIGURED',
      'CHANNEL_NOT_CONFIGURED',
    ]);
  });

  test('begins nothing in the last 25 seconds of an invocation: the records come again', async () => {
    const { modules, batch, told } = await anInstallation(['slack', 'github']);
    const handle = createFanOut(modules);

    const late = await handle(batch, { getRemainingTimeInMillis: () => 25_000 });
    const early = await handle(batch, { getRemainingTimeInMillis: () => 25_001 });

    expect([late, early].map(({ batchItemFailures }) => batchItemFailures)).toStrictEqual([
      [{ itemIdentifier: 'n1' }],
      [],
    ]);
    expect(told).toHaveLength(2);
  });

  test('refuses two notifiers of one channel: each would tell everything', async () => {
    const { modules } = await anInstallation(['slack', 'email', 'slack']);

    expect(() => createFanOut(modules)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('slack, email, slack') }),
    );
  });
});
