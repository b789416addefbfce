/** The HTTP API of ABCA, as an app for Lambda and for the local server. */
export { type ApiDeps } from './api-deps.ts';
export { type ApiServer, createApi } from './create-api.ts';
export { type Authenticate } from './auth/authenticate.ts';
export { localTokenAuth } from './auth/local-token-auth.ts';
export { loopbackOnly } from './auth/loopback-only.ts';
export { type ErrorView, errorWire } from './errors/error-wire.ts';
export { type ApiErrorCode, apiErrorCodes, httpStatuses } from './errors/http-status.ts';
export { type ValidationIssue } from './errors/validation-problem.ts';
export { PollingEventFeed } from './feed/polling-event-feed.ts';
export { SignalEventFeed } from './feed/signal-event-feed.ts';
export { type SignedRoutes } from './http/signed-routes.ts';
export { type HealthView, healthWire } from './routes/health.ts';
export { type RunningServer, type Servable, serveApi } from './server/serve-api.ts';
export {
  type ApproveBody,
  approveWire,
  type DecisionView,
  decisionWire,
  type DenyBody,
  denyWire,
  type PendingView,
  pendingWire,
} from './wire/approval-wire.ts';
export { type Pagination, paginationWire } from './wire/envelope.ts';
export { type EventBase, type EventView, eventWire } from './wire/event-wire.ts';
export { type NudgeBody, type NudgeView, nudgeWire, sendNudgeWire } from './wire/nudge-wire.ts';
export { type ReconcileView, reconcileWire, type SessionView, sessionEntryWire } from './wire/ops-wire.ts';
export {
  type LinkSlackBody,
  linkSlackWire,
  type NotificationsView,
  notificationsWire,
  type PutNotificationsBody,
  putNotificationsWire,
  type SlackLinkView,
  slackLinkWire,
} from './wire/notifications-wire.ts';
export { type PoliciesView, policiesWire, type RuleView, ruleWire } from './wire/policies-wire.ts';
export { type AddRepoBody, addRepoWire, type RepoView, repoWire } from './wire/repo-wire.ts';
export { type SecurityBody, securityWire } from './wire/security-wire.ts';
export { type ApprovalLinkDeps, approvalLinkRoutes } from './approval-links/approval-link-routes.ts';
export { type SlackRoutesDeps, slackRoutes } from './slack/slack-routes.ts';
export { type StopView, stopWire } from './wire/stop-wire.ts';
export { type SubmitBody, submitWire } from './wire/submit-wire.ts';
export { type ReceiptView, type TaskView, taskWire } from './wire/task-wire.ts';
export { signWebhook } from './webhooks/generic-signature.ts';
export { type WebhookConfig, webhookConfigSchema } from './webhooks/webhook-config.ts';
export { type WebhookDeps, webhooks } from './webhooks/webhooks.ts';
