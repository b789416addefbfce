export { LocalComputeStrategy, type LocalComputeOptions } from './local-compute-strategy.ts';
export { type LocalSessionHandle } from './session/local-session-handle.ts';
export { sessionMarker, workspaceVariable } from './session/session-environment.ts';
