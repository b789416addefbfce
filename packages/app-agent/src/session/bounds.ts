import { limits } from '@abca/core';

const second = 1000;

/**
 * How long each part of a session's end may take, in milliseconds. Agent, save and report together stay below the 30 s that
 * ECS gives a container between SIGTERM and SIGKILL.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (stopTimeout)
 */
export const bounds = {
  /** For the agent and its processes to end once they were told. */
  agentStopMs: 5 * second,
  /** For the last save after a SIGTERM. */
  saveOnTerminationMs: 10 * second,
  /** For the last save of any other end. */
  saveMs: limits.cleanupMarginMs / 4,
  /** For the report after a SIGTERM, events included. */
  reportOnTerminationMs: 5 * second,
  /** For the events of a session to reach the log before the result follows them. */
  flushMs: 3 * second,
  /** Shortest time that is given to commit, push and pull request; else until half the cleanup margin before the deadline. */
  deliverMinMs: limits.cleanupMarginMs / 2,
  /** For the diff size, which is only told. */
  diffMs: 5 * second,
  /** For a callback to be accepted once the result is on the row: the orchestrator finds the row without it. */
  callbackMs: 30 * second,
} as const;
