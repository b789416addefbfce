export { type TinyRunSessionHandle } from './tinyrun-session-handle.ts';
export { TinyRunComputeStrategy, type TinyRunComputeOptions } from './tinyrun-compute-strategy.ts';
