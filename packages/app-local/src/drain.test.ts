import { describe, expect, test } from '@jest/globals';
import { tokens, type ComputeStrategy } from '@abca/core';
import { aTaskId, InMemoryComputeStrategy } from '@abca/core/testing';
import { mintSessionId } from '@abca/core';
import { Container, ContainerModule } from 'inversify';
import { Drain } from './drain.ts';

function guarded(drain: Drain): { strategy: ComputeStrategy; inner: InMemoryComputeStrategy } {
  const inner = new InMemoryComputeStrategy();
  const container = new Container();
  container.load(
    new ContainerModule(({ bind }) => {
      bind(tokens.computeStrategy).toConstantValue(inner);
    }),
    drain.module(),
  );
  return { strategy: container.get<ComputeStrategy>(tokens.computeStrategy), inner };
}

const taskId = aTaskId();
const input = { taskId, sessionId: mintSessionId(taskId, 1), generation: 1, compute: {}, environment: {} };

describe('Drain', () => {
  test('lets sessions start, be polled and stopped until it begins', async () => {
    const { strategy, inner } = guarded(new Drain());

    const handle = await strategy.startSession(input);

    expect(strategy.type).toBe(inner.type);
    expect(await strategy.pollSession(handle)).toStrictEqual({ kind: 'running' });
    expect(await strategy.stopSession(handle)).toMatchObject({ kind: 'stopped' });
  });

  test('then refuses to start one, as something that may succeed later, and still polls and stops', async () => {
    const drain = new Drain();
    const { strategy, inner } = guarded(drain);
    const handle = await strategy.startSession(input);
    drain.begin();

    await expect(strategy.startSession({ ...input, sessionId: mintSessionId(taskId, 2) })).rejects.toMatchObject({
      code: 'SESSION_START_FAILED',
      retryable: true,
    });
    expect(inner.started).toHaveLength(1);
    expect(await strategy.stopSession(handle)).toMatchObject({ kind: 'stopped' });
  });
});
