const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Every limit and default of ABCA, with its unit in its name. Adapters and apps take them from here. */
export const limits = {
  /** Longest life of a session and default deadline of a task. 8 hours is what the shortest-lived backend gives a session. */
  sessionMs: 8 * hour,
  heartbeatIntervalMs: 30 * second,
  /** A session that has not renewed its lease for this long is lost. Five heartbeats. */
  heartbeatLostMs: 150 * second,
  approvalGateCap: { default: 50, min: 1, max: 500 },
  approvalTimeoutS: { default: 300, min: 30, max: 3600 },
  /** A rule that waits shorter than this for a person is remarked on when it is loaded, in seconds. */
  shortApprovalTimeoutS: 120,
  /** Approvals of one session within a minute. */
  approvalRate: { limit: 20, windowMs: minute },
  /** Decisions of one user within a minute, approvals and denials together. */
  decisionRate: { limit: 30, windowMs: minute },
  /** How often a waiting session reads the decision: often at first, then less. A store that can push does so besides. */
  approvalPoll: { firstMs: 2 * second, firstForMs: 30 * second, thenMs: 5 * second },
  /** Reads of a decision that failed in a row: after the first number it is told, after the second the wait is over. */
  approvalPollFailures: { told: 3, over: 10 },
  /** What a person refused, or did not answer, is refused again without asking for this long. */
  recentDecisions: { keptMs: minute, entries: 50 },
  /** Kept after an approval's expiry before the store may forget it, in seconds. */
  approvalTtlS: 120,
  denyReasonChars: { stored: 2_000, agent: 500 },
  /** Longest tool call that a person is shown to decide on, in characters. */
  approvalInputChars: 16_000,
  /** Longest text of a nudge, in characters. */
  nudgeChars: 2_000,
  /** Nudges of one task within a minute. */
  nudgeRate: { limit: 10, windowMs: minute },
  /** Policies of a repository, both tiers together, in bytes of UTF-8. */
  cedarPolicyBytes: 64 * 1024,
  /** Kept back from the end of a session to save work and report. A short session keeps a quarter of its time. */
  cleanupMarginMs: 120 * second,
  previewChars: 200,
  taskDescriptionChars: 10_000,
  maxTurns: { default: 100, min: 1, max: 500 },
  maxBudgetUsd: { default: 10, min: 0.01, max: 100 },
  /** Scopes of a task given in advance, and the length of any scope. */
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
  /** How often reconcilers run. */
  reconcileMs: minute,
  /** Tokens for a forge that one session may ask for within a minute: each of its git operations may need one. */
  tokenRate: { limit: 60, windowMs: minute },
  /** Deliveries of events to channels. */
  delivery: {
    /** Longest a notifier may take, and how long a delivery is left alone before it is taken for broken off. */
    tryMs: 20 * second,
    claimMs: 60 * second,
    /** Wait after a failed try: twice as long each time, or what the channel asks for. */
    retry: { firstMs: 2 * second, maxMs: 5 * minute },
    /** A delivery that failed for this long is given up, and said so. */
    giveUpMs: 24 * hour,
    memoryBytes: 32 * 1024,
  },
  /** Age of a signed request from outside beyond which it is not believed. */
  signatureAgeMs: 5 * minute,
  /** Largest signed request from outside, in bytes: what GitHub sends at most is 25 MB, what is used of it is small. */
  webhookBytes: 1024 * 1024,
  /** Tasks that one person, and all people of a repository together, may start by words on the forge within a minute. */
  triggerRate: { limit: 20, windowMs: minute },
  /** How long after it happened a delivery of it is believed: GitHub delivers again for three days. @see https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks */
  redeliveryMs: 3 * 24 * hour,
  /** Consecutive transient failures that open the event publisher's breaker. */
  publisherFailures: 3,
} as const;
