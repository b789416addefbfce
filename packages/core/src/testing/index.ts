export {
  type FakeAgentEnd,
  type FakeAgentStep,
  type FakeCodingAgentOptions,
  type FakeGateCall,
  type FakeToolCall,
  FakeCodingAgent,
} from './fake-coding-agent.ts';
export { InMemoryComputeStrategy } from './in-memory-compute-strategy.ts';
export { InMemoryForge } from './in-memory-forge.ts';
export { InMemoryForgePeople } from './in-memory-forge-people.ts';
export {
  InMemoryGitHost,
  InMemoryRepository,
  type InMemoryCommit,
  type InMemoryFiles,
  type InMemoryPull,
} from './in-memory-git-host.ts';
export { InMemoryWorkspace } from './in-memory-workspace.ts';
export { anApproval, aRepoConfig, aRequestId, aTask, aTaskId, testEpochMs } from './builders.ts';
export { CapturingLogger, type LoggedLine } from './capturing-logger.ts';
export { FakeClock } from './fake-clock.ts';
export { InMemoryApprovalRepository } from './in-memory-approval-repository.ts';
export { aRule, aSoftMatch, someFindings, FakePolicyEngine, FakePolicyLoader } from './fake-policies.ts';
export { InMemoryOutbox } from './in-memory-outbox.ts';
export { InMemoryEventLog } from './in-memory-event-log.ts';
export {
  InMemoryContextStore,
  InMemoryRateLimiter,
  InMemoryRepoConfigRepository,
  InMemorySlotRepository,
} from './in-memory-stores.ts';
export { InMemoryIdentityLinks, InMemoryNotificationSettings } from './in-memory-notifications.ts';
export { type EndedWait, InMemoryTaskRepository } from './in-memory-task-repository.ts';
export { InMemorySessionSignals, InMemoryTaskExecutions } from './recording-signals.ts';
export { SequentialIds } from './sequential-ids.ts';
