/** The public surface of `@abca/adapter-agentcore`. The Inversify module is in `@abca/adapter-agentcore/module`. */
export { AgentCoreComputeStrategy, type AgentCoreComputeOptions } from './agentcore-compute-strategy.ts';
export { createAgentCoreClient } from './agentcore-calls.ts';
export { mapAgentCoreError } from './agentcore-errors.ts';
export { type RetryPolicy } from './retry.ts';
export { type AgentCoreSessionHandle } from './session-handle.ts';
export { agentCoreEnvironmentSchema, runtimeArnOf } from './agentcore-environment.ts';
