import type { ComputeStrategy } from '@abca/core';
import { expect } from '@jest/globals';
import { anInput, handle, otherRuntimeArn, sessionId, type AgentCoreWorld } from './agentcore-world.test-kit.ts';

/** Throws when `strategy`, which works in `world`, breaks the law. */
export type Law = (strategy: ComputeStrategy, world: AgentCoreWorld) => Promise<void>;

const idleMs = 16 * 60_000;

/** What CONTRACTS 1 asks of AgentCore, one law for each thing that a strategy can get wrong alone. */
export const laws = {
  'a poll says unobservable, whether the session runs or not': async (strategy, { program, fake }) => {
    await strategy.startSession(anInput());
    expect(await strategy.pollSession(handle)).toStrictEqual({ kind: 'unobservable' });
    program.finish(sessionId);
    await fake.advance(idleMs);
    expect(await strategy.pollSession(handle)).toStrictEqual({ kind: 'unobservable' });
  },
  'a poll makes no request, and brings no ended session up again': async (strategy, { program, fake }) => {
    await strategy.startSession(anInput());
    program.finish(sessionId);
    await fake.advance(idleMs);
    await strategy.pollSession(handle);
    expect(fake.requests).toHaveLength(1);
    expect(fake.session(sessionId)).toMatchObject({ environment: 1, endedBy: 'idle' });
  },
  'a start that is repeated reaches the same session': async (strategy, { program }) => {
    const started = [await strategy.startSession(anInput()), await strategy.startSession(anInput())];
    expect(new Set(started.map((one) => one.sessionId)).size).toBe(1);
    expect(program.begun).toHaveLength(1);
  },
  'the agent is sent the environment of its session': async (strategy, { program }) => {
    await strategy.startSession(anInput({ environment: { ABCA_TASK_ID: 'T' } }));
    expect(program.told.map(({ body }) => JSON.parse(body) as unknown)).toStrictEqual([
      { environment: { ABCA_TASK_ID: 'T' } },
    ]);
  },
  'a start that the agent refuses is an error': async (strategy, { program }) => {
    program.answerNext(200, '{"accepted":false}');
    await expect(strategy.startSession(anInput())).rejects.toMatchObject({ code: 'SESSION_START_FAILED' });
  },
  'a start that is throttled is tried again': async (strategy, { fake }) => {
    fake.failNext('invoke', 'ThrottlingException');
    expect(await strategy.startSession(anInput())).toMatchObject({ strategyType: 'agentcore' });
  },
  'a start that may have started the session names its handle': async (strategy, { fake }) => {
    for (const _try of [1, 2, 3, 4]) fake.loseNextAnswer('invoke');
    await expect(strategy.startSession(anInput())).rejects.toMatchObject({ retryable: true, details: { handle } });
  },
  'a stop that failed is an error': async (strategy, { fake }) => {
    await strategy.startSession(anInput());
    fake.failNext('stop', 'ConflictException');
    await expect(strategy.stopSession(handle)).rejects.toMatchObject({ code: 'SESSION_STOP_FAILED' });
  },
  'a stop that is denied is logged as a leak': async (strategy, { fake, logger }) => {
    await strategy.startSession(anInput());
    fake.failNext('stop', 'AccessDeniedException');
    await strategy.stopSession(handle).catch(() => undefined);
    expect(logger.lines.at(-1)).toMatchObject({ level: 'error', message: 'agentcore session may still run' });
  },
  'a stop of what is gone is no alarm': async (strategy, { logger }) => {
    expect(await strategy.stopSession(handle)).toStrictEqual({ kind: 'already_gone' });
    expect(logger.lines.map(({ level }) => level)).toStrictEqual(['info']);
  },
  'a stop goes to the runtime of the handle': async (strategy, { fake }) => {
    await strategy.stopSession({ ...handle, runtimeArn: otherRuntimeArn });
    expect(fake.requests).toMatchObject([{ operation: 'stop', runtimeArn: otherRuntimeArn }]);
  },
  'all calls share one client': async (strategy, world) => {
    await strategy.startSession(anInput());
    await strategy.startSession(anInput());
    await strategy.stopSession(handle);
    expect(world.clients()).toBe(1);
  },
} as const satisfies Readonly<Record<string, Law>>;
