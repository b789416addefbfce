export {
  approvalRepositoryContract,
  type ApprovalHarness,
  type ApprovalStores,
} from './approval-repository.contract.ts';
export {
  computeStrategyContract,
  type ComputeStrategyHarness,
  type Observability,
} from './compute-strategy.contract.ts';
export { forgeContract, type ForgeHarness } from './forge.contract.ts';
export { type RemoteControl } from './remote-control.ts';
export { workspaceContract, type WorkspaceHarness } from './workspace.contract.ts';
export { contextStoreContract } from './context-store.contract.ts';
export { eventLogContract } from './event-log.contract.ts';
export { identityLinksContract } from './identity-links.contract.ts';
export { notificationSettingsContract } from './notification-settings.contract.ts';
export { outboxContract } from './outbox.contract.ts';
export { rateLimiterContract } from './rate-limiter.contract.ts';
export { repoConfigRepositoryContract } from './repo-config-repository.contract.ts';
export { slotRepositoryContract } from './slot-repository.contract.ts';
export { taskRepositoryContract, type TaskStores } from './task-repository.contract.ts';
