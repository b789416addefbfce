import { limits } from '@abca/core';
import type { StopSwitch } from './stop-switch.ts';

const second = 1000;

/** How long parts of a session may take, in milliseconds, whatever ends it. */
export const bounds = {
  /** For the agent and its processes to end once they were told. */
  agentStopMs: 2.5 * second,
  /** For the diff size, which is only told. */
  diffMs: 5 * second,
  /** For the log to be read for the text of a pull request, which does without it. */
  recordMs: 5 * second,
  /** For one answer of the store to the result. */
  answerMs: 5 * second,
  /** For a callback to be accepted once the result is on the row: the orchestrator finds the row without it. */
  callbackMs: 30 * second,
} as const;

/** For the store and the remote, at the start of a session. */
export const startRetries = { tries: 5, firstDelayMs: 500 } as const;

/** How long the parts of an end may take, in milliseconds. */
export interface EndBounds {
  /** For the store to say whether the task is the session's still. Asked while the agent ends. */
  readonly confirmMs: number;
  /** For the last save of the work. */
  readonly saveMs: number;
  /** For the events to reach the log before the result follows them. */
  readonly flushMs: number;
  /** For the result, besides the end of the lease. */
  readonly reportMs: number;
}

function usualBounds(cleanupMarginMs: number): EndBounds {
  const answerMs = Math.min(5 * second, cleanupMarginMs / 8);
  return {
    confirmMs: answerMs,
    saveMs: cleanupMarginMs / 4,
    flushMs: answerMs,
    reportMs: Number.POSITIVE_INFINITY,
  };
}

/**
 * Together with `agentStopMs` below the 10 s that the local platform and containers give by default between SIGTERM and
 * SIGKILL. Most of the work was saved after the last turn.
 *
 * @see https://docs.docker.com/reference/cli/docker/container/stop/ (10 s); ECS gives 30 s
 */
const onTermination: EndBounds = { confirmMs: second, saveMs: 4 * second, flushMs: second, reportMs: 2 * second };

/**
 * The bounds of an end: short when something waits to kill the program.
 *
 * @param cleanupMarginMs what the task keeps back for its end
 */
export function endBoundsOf(
  stop: Pick<StopSwitch, 'reason'>,
  cleanupMarginMs: number = limits.cleanupMarginMs,
): EndBounds {
  return stop.reason()?.kind === 'terminated' ? onTermination : usualBounds(cleanupMarginMs);
}
