import {
  mintSessionId,
  type ComputeStrategy,
  type SessionStatus,
  type StopOutcome,
  type StoredHandle,
} from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import { laws, type Law } from './agentcore-laws.test-kit.ts';
import { createAgentCoreWorld, handle, taskId, type AgentCoreWorld } from './agentcore-world.test-kit.ts';

type LawName = keyof typeof laws;

interface Defect {
  /** The right strategy of a world, made wrong in one thing. */
  readonly plant: (strategy: ComputeStrategy, world: AgentCoreWorld) => Partial<ComputeStrategy>;
  /** The one law that must notice. */
  readonly breaks: LawName;
}

const gone: StopOutcome = { kind: 'already_gone' };

const defects: Readonly<Record<string, Defect>> = {
  'a poll that says running (R7)': {
    plant: () => ({ pollSession: async (): Promise<SessionStatus> => ({ kind: 'running' }) }),
    breaks: 'a poll says unobservable, whether the session runs or not',
  },
  'a poll that probes by invoking (L21)': {
    plant: (strategy) => ({
      pollSession: async ({ sessionId }) => {
        await strategy.startSession({
          taskId,
          sessionId: sessionId as never,
          generation: 1,
          compute: {},
          environment: {},
        });
        return { kind: 'unobservable' };
      },
    }),
    breaks: 'a poll makes no request, and brings no ended session up again',
  },
  'a start with a session id of its own': {
    plant: (strategy) => {
      let generation = 1;
      return {
        startSession: (input, options) => {
          const sessionId = mintSessionId(taskId, generation++);
          return strategy.startSession({ ...input, sessionId }, options);
        },
      };
    },
    breaks: 'a start that is repeated reaches the same session',
  },
  'a start that forgets the environment': {
    plant: (strategy) => ({
      startSession: (input, options) => strategy.startSession({ ...input, environment: {} }, options),
    }),
    breaks: 'the agent is sent the environment of its session',
  },
  'a start that does not read the answer (R5)': {
    plant: (strategy) => ({
      startSession: (input, options) =>
        strategy.startSession(input, options).catch((error: { details: { reason: string } }): StoredHandle => {
          if (error.details.reason === 'AgentAnswerError') return handle;
          throw error;
        }),
    }),
    breaks: 'a start that the agent refuses is an error',
  },
  'a start that is tried once': {
    plant: (_strategy, world) => {
      let lost = 0;
      const once = world.another({ retry: { attempts: 1, firstDelayMs: 1, attemptMs: 60_000 } });
      return {
        stopSession: (own, options) => once.stopSession(own, options),
        // What was lost is still repeated, so that only the throttled one shows.
        startSession: async (input, options) => {
          for (;;) {
            try {
              return await once.startSession(input, options);
            } catch (error) {
              lost += 1;
              if ((error as { details: { kind: string } }).details.kind !== 'unanswered' || lost === 4) throw error;
            }
          }
        },
      };
    },
    breaks: 'a start that is throttled is tried again',
  },
  'a start that loses what it may have started': {
    plant: (strategy) => ({
      startSession: (input, options) =>
        strategy.startSession(input, options).catch((error: unknown) => {
          throw Object.assign(error as object, { details: undefined });
        }),
    }),
    breaks: 'a start that may have started the session names its handle',
  },
  'a stop that swallows its errors (R4)': {
    plant: (strategy) => ({ stopSession: (own, options) => strategy.stopSession(own, options).catch(() => gone) }),
    breaks: 'a stop that failed is an error',
  },
  'a stop that logs a leak as it logs what is gone (R4, R10)': {
    plant: (_strategy, world) => {
      const { logger } = world;
      const flat = { ...noLogger, error: logger.info.bind(logger), info: logger.info.bind(logger) };
      const quiet = world.another({ logger: flat });
      return {
        startSession: (input, options) => quiet.startSession(input, options),
        stopSession: (own, options) => quiet.stopSession(own, options),
      };
    },
    breaks: 'a stop that is denied is logged as a leak',
  },
  'a stop that takes what is gone for an error': {
    plant: (strategy) => ({
      stopSession: async (own, options) => {
        const outcome = await strategy.stopSession(own, options);
        if (outcome.kind === 'already_gone' && own['runtimeArn'] === handle.runtimeArn) throw new Error('not found');
        return outcome;
      },
    }),
    breaks: 'a stop of what is gone is no alarm',
  },
  'a stop that takes the runtime from the options (R1)': {
    plant: (strategy) => ({
      stopSession: (own, options) => strategy.stopSession({ ...own, runtimeArn: handle.runtimeArn }, options),
    }),
    breaks: 'a stop goes to the runtime of the handle',
  },
  'a client for each call (R2)': {
    plant: (_strategy, world) => ({ startSession: (input, options) => world.another().startSession(input, options) }),
    breaks: 'all calls share one client',
  },
};

const noLogger = { debug: () => undefined, warn: () => undefined, with: () => noLogger as never };

/** The laws that are broken, each tried in a world of its own. */
async function brokenBy(plant: Defect['plant']): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const [name, law] of Object.entries<Law>(laws)) {
    const world = await createAgentCoreWorld();
    const { strategy } = world;
    const right: ComputeStrategy = {
      type: strategy.type,
      startSession: (input, options) => strategy.startSession(input, options),
      pollSession: (own, options) => strategy.pollSession(own, options),
      stopSession: (own, options) => strategy.stopSession(own, options),
    };
    await law({ ...right, ...plant(right, world) }, world).catch(() => broken.push(name));
    await world.close();
  }
  return broken;
}

describe('the laws of AgentCore', () => {
  test('hold', async () => {
    expect(await brokenBy(() => ({}))).toStrictEqual([]);
  });

  test.each(Object.entries(defects))(
    'notice, by the one that is meant for it, %s',
    async (_defect, { plant, breaks }) => {
      expect(await brokenBy(plant)).toStrictEqual([breaks]);
    },
  );

  test('have a defect each', () => {
    expect(Object.values(defects).map(({ breaks }) => breaks)).toStrictEqual(Object.keys(laws));
  });
});
