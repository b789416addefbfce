import {
  AbcaError,
  redactOrHide,
  type AgentOutcome,
  type AgentRunInput,
  type Checkout,
  type TaskSettings,
  type ToolGate,
  withoutCheckout,
} from '@abca/core';
import type { AgentPrompt } from '../prompt/build-prompt.ts';
import { bounds } from '../session/bounds.ts';
import type { SessionRun } from '../session/session-run.ts';
import { createBeforeEnd, createBetweenTurns } from './between-turns.ts';
import { NudgeQueue } from './nudge-queue.ts';

/** What one run of the agent is made of. */
export interface AgentRunPlan {
  readonly prompt: AgentPrompt;
  readonly settings: TaskSettings;
  readonly checkout: Checkout;
  readonly gate: ToolGate;
}

/**
 * Run the coding agent to its end, within the stop switch. What it used and said goes into the facts of the session. An
 * agent that does not end when told to is left behind after a bound: its processes end with this program.
 */
export async function runAgent(run: SessionRun, plan: AgentRunPlan): Promise<AgentOutcome> {
  const { deps, stop, reporter, facts } = run;
  const turns = { gate: plan.gate, nudges: new NudgeQueue(deps.events, run.task.taskId) };
  const running = deps.agent.run(
    inputOf(run, plan),
    {
      gate: (call) => plan.gate.judge(call),
      betweenTurns: createBetweenTurns(run, turns),
      beforeEnd: createBeforeEnd(run, turns),
      progress: async (event) => {
        if (event.kind === 'turn') facts.usage = { ...facts.usage, turns: event.turn };
        if (event.kind === 'cost') {
          const { costUsd, inputTokens, outputTokens } = event;
          facts.usage = { ...facts.usage, costUsd, inputTokens, outputTokens };
        }
        await reporter.progress(
          event.kind === 'tool_result'
            ? { ...event, content: withoutCheckout(event.content, plan.checkout.dir) }
            : event,
        );
      },
      redact: redactOrHide,
    },
    { signal: stop.signal },
  );
  const ended = new AbortController();
  try {
    const outcome = await Promise.race([running, abandoned(run, ended.signal)]);
    noteOutcome(run, outcome);
    return outcome;
  } finally {
    ended.abort(new Error('the agent ended'));
  }
}

function inputOf({ session }: SessionRun, { prompt, settings, checkout }: AgentRunPlan): AgentRunInput {
  return {
    ...prompt,
    workspaceDir: checkout.dir,
    homeDir: session.homeDir,
    // By it the platform finds processes that a dead session left behind. Nothing else of the platform goes into the shell.
    shellEnvironment: { ABCA_SESSION_ID: session.sessionId },
    maxTurns: settings.maxTurns,
    maxBudgetUsd: settings.maxBudgetUsd,
  };
}

/** Resolves some time after the stop switch was tripped, and never when it was not or the agent ended before. */
function abandoned({ deps, stop, facts }: SessionRun, ended: AbortSignal): Promise<AgentOutcome> {
  return new Promise((resolve) => {
    const giveUp = (): void => {
      void deps.clock.sleep(bounds.agentStopMs, { signal: ended }).then(
        () => {
          deps.logger.error('the agent did not end when told to');
          resolve({ ...facts.usage, kind: 'stopped', reason: 'it did not end when told to' });
        },
        () => undefined,
      );
    };
    if (stop.signal.aborted) giveUp();
    else stop.signal.addEventListener('abort', giveUp, { once: true, signal: ended });
  });
}

function noteOutcome({ deps, facts }: SessionRun, outcome: AgentOutcome): void {
  const { turns, costUsd, inputTokens, outputTokens } = outcome;
  facts.usage = { turns, costUsd, inputTokens, outputTokens, model: deps.agent.modelLabel };
  if (outcome.kind === 'finished') facts.summary = outcome.summary;
  deps.logger.info('agent ended', { outcome: outcome.kind, turns, costUsd });
}

/** The error of a run that ended in a way nobody asked for. */
export function unexpectedStop(reason: string): AbcaError {
  return new AbcaError('AGENT_FAILED', `the agent stopped by itself: ${reason}`);
}
