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
export {
  InMemoryGitHost,
  InMemoryRepository,
  type InMemoryCommit,
  type InMemoryFiles,
  type InMemoryPull,
} from './in-memory-git-host.ts';
export { InMemoryWorkspace } from './in-memory-workspace.ts';
