/** The public surface of `@abca/adapter-claude`. The Inversify module is in `@abca/adapter-claude/module`. */
export {
  ClaudeCodingAgent,
  type ClaudeCodingAgentOptions,
  defaultTools,
  type ModelPatience,
} from './claude-coding-agent.ts';
export { findExecutable } from './executable.ts';
export {
  describeModel,
  modelEnvironmentNames,
  type ModelSettings,
  modelSettingsSchema,
  parseModelSettings,
} from './model-settings.ts';
