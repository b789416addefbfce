/** `@abca/core-testing/fakes/agentcore`: free of Jest, so that programs can use it as well. */
export {
  agentServerLauncher,
  type AgentContainer,
  type AgentServerOptions,
  type ContainerAnswer,
  type LaunchContainer,
} from './container.ts';
export { FakeAgentCore, fakeRuntimeArn, type FakeAgentCoreOptions } from './fake-agentcore.ts';
export { FakeAgentProgram } from './fake-agent-program.ts';
export { type AnswerPlace, type HeldAnswer } from './knobs.ts';
export { type PingStatus, type RuntimeSession, type SessionEnd } from './runtime-session.ts';
export { type AgentCoreErrorName, type AgentCoreOperation, type AgentCoreRequest } from './wire.ts';
