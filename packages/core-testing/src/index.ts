export { computeStrategyContract, type ComputeStrategyHarness } from './compute-strategy.contract.ts';
export { forgeContract, type ForgeHarness } from './forge.contract.ts';
export { type RemoteControl } from './remote-control.ts';
export { workspaceContract, type WorkspaceHarness } from './workspace.contract.ts';
