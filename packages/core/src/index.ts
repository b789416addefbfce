/** The public surface of `@abca/core`. Builders and in-memory ports are in `@abca/core/testing`. */
export {
  approvalStatuses,
  type ApprovalStatus,
  approvalSchema,
  type Approval,
  pendingApprovalSchema,
  type PendingApproval,
} from './approval/approval.ts';
export { type Closing, closingBy, isClosedBy, type Judgement, judgeDecision } from './approval/approval-rules.ts';
export {
  type ApprovalLink,
  approvalLinkPath,
  approvalLinkUrl,
  signApprovalLink,
  verifyApprovalLink,
} from './approval/approval-link.ts';
export { assertByButton, mayDecideByButton } from './approval/button-rules.ts';
export { resolveScope } from './approval/resolve-scope.ts';
export { canonicalJson, canonicalHash } from './crypto/canonical-hash.ts';
export { channelEnvironmentSchema, type ChannelEnvironment } from './environment/channel-environment.ts';
export { storeEnvironmentSchema, type StoreEnvironment } from './environment/store-environment.ts';
export { orchestratorEnvironmentSchema, type OrchestratorEnvironment } from './environment/orchestrator-environment.ts';
export { reconcilerEnvironmentSchema, type ReconcilerEnvironment } from './environment/reconciler-environment.ts';
export { parseEnvironment } from './environment/parse-environment.ts';
export {
  errorCodes,
  type ErrorCode,
  type AbcaErrorOptions,
  type AbcaErrorJson,
  AbcaError,
} from './errors/abca-error.ts';
export { assertAppendSize, assertReadLimit } from './events/event-bounds.ts';
export { type PublishBreaker, type EventPublisher, createEventPublisher } from './events/event-publisher.ts';
export {
  eventRegistry,
  type EventType,
  type EventMetadata,
  eventTypes,
  terminalEventTypes,
  isTerminalEvent,
} from './events/event-registry.ts';
export {
  milestoneRegistry,
  type Milestone,
  type MilestoneFields,
  milestoneEvent,
  findMilestone,
} from './events/milestones.ts';
export { readLog } from './events/read-log.ts';
export { type PublishErrorClass, classifyPublishError } from './events/publish-error-class.ts';
export {
  type NewTaskEvent,
  taskEventSchema,
  type TaskEvent,
  type EventOwner,
  parseNewEvent,
} from './events/task-event.ts';
export { type Forges, forgesOf, getForge } from './forge/forges.ts';
export { hydratedContextSchema, type HydratedContext, emptyContext } from './forge/hydrated-context.ts';
export { recordedWorkspace, toolInputPreview, toolInputText, withoutCheckout } from './gate/call-text.ts';
export {
  type GateView,
  type Grant,
  type CallIdentity,
  type GateDecision,
  failClosed,
  decideCall,
} from './gate/decide-call.ts';
export { type ToolGateDeps, type ToolGateScope, type GateStop } from './gate/gate-deps.ts';
export { type GateMemory, freshMemory, restoreMemory } from './gate/gate-memory.ts';
export { ToolGate } from './gate/tool-gate.ts';
export { type UserDenial, denialBlock, type UserNudge, nudgeBlock } from './gate/user-denial.ts';
export {
  type TaskId,
  type SessionId,
  type UserId,
  type RepoId,
  type RequestId,
  isTaskId,
  mintSessionId,
  parseSessionId,
  shortTaskId,
} from './ids/ids.ts';
export { limits } from './limits.ts';
export { logLevels, type LogLevel, type JsonLoggerOptions, createJsonLogger } from './logging/json-logger.ts';
export { agentTools, type AgentTool, isAgentTool } from './policy/agent-tools.ts';
export {
  scopeBreadths,
  type ScopeBreadth,
  preApprovalBreadths,
  type ApprovalScope,
  type RequestedScope,
  parseScope,
  parsePreApproval,
  formatScope,
  isWiderThan,
  type ScopedCall,
  permits,
  findPermission,
  preApprovalSchema,
} from './policy/approval-scope.ts';
export {
  type PolicyRequest,
  type MatchSubject,
  type RuleMatch,
  type JudgedCall,
  toolGroups,
  type ToolGroup,
  type RuleFindings,
} from './policy/policy-types.ts';
export { tiers, type Tier, severities, type Severity, type RuleSummary, graver } from './policy/rule.ts';
export { cedarPoliciesSchema, type CedarPolicies, securitySchema, type Security } from './policy/security.ts';
export {
  type NewApproval,
  type RequestResult,
  type Decision,
  type ApprovalDecision,
  type DecideResult,
  type ExpireResult,
  type PendingPage,
  type ApprovalRepository,
} from './ports/approval-repository.ts';
export { type CallOptions } from './ports/call-options.ts';
export { type Clock } from './ports/clock.ts';
export {
  type AgentRunInput,
  type ToolCall,
  type ToolVerdict,
  type TurnDirective,
  type AgentProgress,
  type AgentRunHooks,
  type AgentUsage,
  type AgentOutcome,
  type CodingAgent,
} from './ports/coding-agent.ts';
export {
  type ComputeBackends,
  type ComputeType,
  type SessionHandle,
  type StartSessionInput,
  type ComputeStrategy,
} from './ports/compute-strategy.ts';
export { type ContextStore } from './ports/context-store.ts';
export { type EventLog, type EventFeed } from './ports/event-log.ts';
export {
  type ForgeRepo,
  type PreflightQuery,
  type PreflightResult,
  type ContextQuery,
  type PullRequestInput,
  type PullRequest,
  type EvidenceQuery,
  type DeliveryEvidence,
  type Forge,
  type ForgeType,
  forgeTypes,
  type PullRequestHead,
  type ReviewInput,
} from './ports/forge.ts';
export { type ForgePeople, type ForgePermission } from './ports/forge-people.ts';
export { type DecisionFeed } from './ports/decision-feed.ts';
export { type IdGenerator } from './ports/id-generator.ts';
export { type LogFields, type Logger } from './ports/logger.ts';
export { type PolicyEngine, type PolicyLoader } from './ports/policy-engine.ts';
export { type RateRule, type RateDecision, type RateLimiter } from './ports/rate-limiter.ts';
export { type RepoConfigRepository } from './ports/repo-config-repository.ts';
export { type SignalResult, type SessionSignals } from './ports/session-signals.ts';
export { type SlotRepository } from './ports/slot-repository.ts';
export { type TaskExecutions } from './ports/task-executions.ts';
export {
  type NewTask,
  type CreateTaskResult,
  type TaskTransition,
  type TransitionResult,
  type TaskAmendment,
  type LeaseRenewal,
  type LeaseResult,
  type TaskPage,
  type TaskQuery,
  type TaskRepository,
} from './ports/task-repository.ts';
export { type Token, tokens } from './ports/tokens.ts';
export { approvalDashboard, type MetricSeries, type MetricWidget } from './metrics/approval-dashboard.ts';
export { approvalMetricNamespace, approvalMetrics, type ApprovalMetric } from './metrics/approval-metric-table.ts';
export {
  approvalMetricsOf,
  type ApprovalMetricOptions,
  heartbeat,
  type MetricDatum,
} from './metrics/approval-metrics.ts';
export { emfDocument, type EmfDocument } from './metrics/emf.ts';
export {
  type CheckoutInput,
  type Checkout,
  type SaveResult,
  type CommitResult,
  type PushResult,
  type Workspace,
} from './ports/workspace.ts';
export { type RateWindow, takeFromWindow } from './rate/rate-window.ts';
export { type TaskEnd, wipRefOf, computeReceipt, unverifiedReceipt, decideEnd } from './receipt/compute-receipt.ts';
export { gateOutcomes, gateSummarySchema, type GateSummary, summarizeGate } from './receipt/gate-summary.ts';
export { stripEscapes, preview } from './redaction/preview.ts';
export { redact, redactOrHide, redactDeep } from './redaction/redact.ts';
export {
  repoIdSchema,
  blueprintSchema,
  type Blueprint,
  repoConfigSchema,
  type RepoConfig,
} from './repo/repo-config.ts';
export { type PlatformDefaults, platformDefaults, resolveSettings } from './repo/resolve-settings.ts';
export { taskSettingsSchema, type TaskSettings } from './repo/task-settings.ts';
export { type SessionVerdict, interpretSession, interpretRow, deadlineFailure } from './session/interpret-session.ts';
export {
  sessionEnvironmentSchema,
  type SessionEnvironment,
  type PlatformSessionEnvironment,
  sessionEnvironment,
} from './session/session-environment.ts';
export { type OrphanRules, type OrphanVerdict, judgeSession } from './session/orphan-rules.ts';
export {
  type SessionEnd,
  openSession,
  isSessionOpen,
  lastStopOf,
  provenEndOf,
  noteEnd,
  type SessionEntry,
  entryOf,
} from './session/session-ledger.ts';
export { type StrandedRules, type StrandedVerdict, type StrandedCase, judgeTask } from './session/stranded-rules.ts';
export { type SessionStatus, stopOutcomeSchema, type StopOutcome, describeStop } from './session/session-status.ts';
export {
  type QueueEntry,
  type SlotLedger,
  emptyLedger,
  type SlotDecision,
  type SlotCaps,
  requestSlot,
  releaseSlot,
} from './slots/slot-ledger.ts';
export {
  type KeyAttribute,
  type IndexDescription,
  type TableDescription,
  tableDescriptions,
  type TableKind,
  tableKinds,
  type TableNames,
  tableNames,
} from './tables/table-descriptions.ts';
export { branchNameOf } from './task/branch-name.ts';
export {
  type StatusMove,
  type StatusWrite,
  buildStatusWrite,
  applyStatusWrite,
  meetsCondition,
} from './task/status-write.ts';
export {
  taskEdges,
  type TaskStatus,
  taskStatuses,
  type TerminalStatus,
  isTerminal,
  isEdge,
  assertEdge,
  isCancellable,
  sessionStatuses,
  slotStatuses,
} from './task/task-status.ts';
export {
  isoTimeSchema,
  taskTypes,
  type TaskType,
  isReadOnly,
  failureSchema,
  type Failure,
  sessionResultSchema,
  type SessionResult,
  receiptSchema,
  type Receipt,
  storedHandleSchema,
  type StoredHandle,
  sessionStopSchema,
  type SessionStop,
  rescueSchema,
  type Rescue,
  taskSchema,
  type Task,
  type StatusField,
  type TaskPatch,
} from './task/task.ts';
export { type RetryRule, retryTransient } from './time/retry-transient.ts';
export { type Bound, within } from './time/within.ts';
export { type IsoTime, formatIso, parseIso, addMs } from './time/iso-time.ts';
export { type Triggers, triggerDefaults, triggersSchema } from './triggers/triggers.ts';
export { type AdmitDeps, type Admission, requestAdmission, waitInQueue } from './use-cases/admit-task.ts';
export { type CancelDeps, cancelTask, notFound } from './use-cases/cancel-task.ts';
export { type CheckDeps, type CheckOutcome, checkSession, adoptCallback } from './use-cases/check-session.ts';
export {
  type SlotDeps,
  type EndDeps,
  slotCaps,
  releaseSlotOf,
  type Ending,
  type EndResult,
  moveToEnd,
  failTask,
} from './use-cases/end-task.ts';
export { type DecideDeps, type DecideRequest, decideApproval, requestNotFound } from './use-cases/decide-approval.ts';
export { type FinalizeDeps, finalizeTask, finalizeUnverified } from './use-cases/finalize-task.ts';
export {
  type DeliverDueDeps,
  type DeliverDueOptions,
  type DeliverDueReport,
  deliverDue,
} from './use-cases/deliver-due.ts';
export {
  type DeliverDeps,
  type DeliverEventsOptions,
  type DeliverEventsReport,
  deliverEvents,
} from './use-cases/deliver-events.ts';
export { type DeliveryCounts } from './use-cases/deliver-lanes.ts';
export { type HydrateDeps, type HydrateOutcome, hydrateTask } from './use-cases/hydrate-task.ts';
export { type LoadDeps, type LoadResult, loadTask } from './use-cases/load-task.ts';
export { type NudgeDeps, nudgeTask } from './use-cases/nudge-task.ts';
export { loadPoliciesOf } from './use-cases/pre-approvals.ts';
export {
  type ComputeStrategies,
  getStrategy,
  type PreflightDeps,
  type PreflightOutcome,
  preflightTask,
} from './use-cases/preflight-task.ts';
export {
  type ReconcileDeps,
  type ReconcileRules,
  reconcileRules,
  type ReconcileOptions,
  type ReconcileReport,
  reconcileAll,
} from './use-cases/reconcile-all.ts';
export { type PassBounds, type PassReport } from './use-cases/reconcile-pass.ts';
export { type SessionRescue } from './use-cases/reconcile-sessions.ts';
export { type TaskRescue } from './use-cases/reconcile-tasks.ts';
export { type SessionPage, type SessionQuery, listSessions, stopSessionById } from './use-cases/session-ops.ts';
export { type TriggerDeps, type TriggerOutcome, startFromTrigger } from './use-cases/start-from-trigger.ts';
export { takeRate } from './use-cases/take-rate.ts';
export { type StartDeps, type StartOutcome, startTaskSession } from './use-cases/start-session.ts';
export { type StopDeps, type StopReport, stopCompute } from './use-cases/stop-compute.ts';
export {
  submitCommandSchema,
  type SubmitCommand,
  type SubmitDeps,
  type SubmitRequest,
  type SubmitOutcome,
  submitTask,
} from './use-cases/submit-task.ts';
export { visibleText } from './text/visible-text.ts';
export { matchesWildcard, matchesPathGlob } from './text/wildcard.ts';
export { toSnakeCase, toCamelCase, toWire, fromWire } from './wire/case.ts';
export { channels, type Channel, channelsOf, toldOn } from './notify/audience.ts';
export { type DeliveryRecord, type DeliveryState, deliveryRecordSchema, deliveryStates } from './notify/delivery.ts';
export { ChannelPauses } from './notify/channel-pauses.ts';
export { isSubscribed } from './notify/subscription.ts';
export {
  type ClaimVerdict,
  type ClaimWish,
  type DeliveryLane,
  deliveryLaneSchema,
  emptyLane,
  judgeClaim,
  judgeSettle,
  type Settled,
} from './notify/outbox-rules.ts';
export {
  type ChannelMemory,
  channelMemorySchema,
  type DeliveryKey,
  type DeliveryOutcome,
  type Notification,
} from './notify/notification.ts';
export { type NotificationSettings, notificationSettingsSchema } from './notify/notification-settings.ts';
export { type Notifier } from './ports/notifier.ts';
export { type ClaimResult, type DeliveryClaim, type Outbox, type Settlement } from './ports/outbox.ts';
export { type NotificationSettingsRepository } from './ports/notification-settings-repository.ts';
export { type IdentityLinks } from './ports/identity-links.ts';
export { type ForgeAccess, forgeAccesses, type ForgeToken, type ForgeTokens } from './ports/forge-tokens.ts';
export { grantToken, type GrantDeps, type TokenRequest, tokenRequestSchema } from './use-cases/grant-token.ts';
