/** The public surface of `@abca/scripted-model`. */
export { type Conversation, readConversation } from './conversation.ts';
export { type Interpretation, type Reply, type ReplyBlock, interpret } from './interpret.ts';
export { type RepairPlan, repairScript } from './repair-script.ts';
export {
  type Script,
  type ScriptCondition,
  type ScriptFault,
  type ScriptInput,
  type ScriptTurn,
  parseScript,
  scriptSchema,
} from './script-schema.ts';
export {
  type RecordedRequest,
  type ScriptedModel,
  type ScriptedModelOptions,
  startScriptedModel,
} from './start-scripted-model.ts';
