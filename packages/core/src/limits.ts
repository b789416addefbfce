const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Every limit and default of ABCA, with its unit in its name. Adapters and apps take them from here. */
export const limits = {
  /** Longest life of a session and default deadline of a task. AgentCore ends a session after 8 hours. */
  sessionMs: 8 * hour,
  heartbeatIntervalMs: 30 * second,
  /** A session that has not renewed its lease for this long is lost. Five heartbeats. */
  heartbeatLostMs: 150 * second,
  approvalGateCap: { default: 50, min: 1, max: 500 },
  approvalTimeoutS: { default: 300, min: 30, max: 3600 },
  /** Kept back from the end of a session to save work and report. A short session keeps a quarter of its time. */
  cleanupMarginMs: 120 * second,
  previewChars: 200,
  taskDescriptionChars: 10_000,
  maxTurns: { default: 100, min: 1, max: 500 },
  maxBudgetUsd: { default: 10, min: 0.01, max: 100 },
  initialApprovals: { max: 20, chars: 128 },
  contextTokens: 100_000,
  /** Largest result of one durable step. @see https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html */
  stepResultBytes: 256 * 1024,
  slotsPerUser: 10,
  /** Longest stay in the queue for a slot. */
  queueMs: 24 * hour,
  /** How often a queued task looks for itself, should a wake-up be lost: at most 96 times in its 24 hours. */
  queueRecheckMs: 15 * minute,
  /** Most tasks of one user that wait for a slot: their ids share one DynamoDB item of 400 KB. */
  queuedPerUser: 2_000,
  taskTtlMs: 90 * 24 * hour,
  eventTtlMs: 90 * 24 * hour,
  /** Unanswered polls of the substrate in a row after which a task fails. */
  pollFailures: 3,
  /** Consecutive transient failures that open the event publisher's breaker. */
  publisherFailures: 3,
} as const;
