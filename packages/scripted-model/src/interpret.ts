import { type Conversation, toolUseId } from './conversation.ts';
import type { Script, ScriptCondition, ScriptFault, ScriptTurn } from './script-schema.ts';
import { fillTemplate } from './template.ts';

/** A block of an answer, in the API's own form. */
export type ReplyBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: Record<string, unknown> };

/** What a request is answered with. */
export interface Reply {
  readonly kind: 'reply';
  readonly id: string;
  readonly model: string;
  readonly blocks: readonly ReplyBlock[];
  readonly stopReason: 'end_turn' | 'tool_use';
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
  readonly chunkDelayMs: number;
}

/** What the script makes of a request: an answer, a fault in its place, or a complaint about the script itself. */
export type Interpretation =
  | Reply
  | { readonly kind: 'fault'; readonly fault: ScriptFault; readonly insteadOf: Reply }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * What `script` answers to `conversation`. Pure.
 *
 * @param struck how many faults have struck at this step of this conversation before: those that have been used up are
 *   passed over, so that a client's retry comes further.
 */
export function interpret(script: Script, conversation: Conversation, struck = 0): Interpretation {
  if (conversation.isSide) return sideReply(conversation);
  try {
    const turn = chooseTurn(script, conversation);
    const reply = buildReply(script, turn, conversation);
    const fault = dueFault(turn.faults, struck);
    return fault ? { kind: 'fault', fault, insteadOf: reply } : reply;
  } catch (error) {
    return { kind: 'invalid', message: error instanceof Error ? error.message : String(error) };
  }
}

/** The fault that is due after `struck` strikes: each takes its `times`, in order; one without strikes for ever. */
function dueFault(faults: readonly ScriptFault[], struck: number): ScriptFault | undefined {
  let left = struck;
  for (const fault of faults) {
    if (fault.times === undefined || left < fault.times) return fault;
    left -= fault.times;
  }
  return undefined;
}

const afterTheEnd: ScriptTurn = {
  text: 'The script has ended; there is nothing more to do.',
  tools: [],
  usage: { inputTokens: 100, outputTokens: 10 },
  chunkDelayMs: 0,
  faults: [],
};

function chooseTurn(script: Script, conversation: Conversation): ScriptTurn {
  const step = script.turns[conversation.step];
  if (!step) return afterTheEnd;
  const alternatives = 'oneOf' in step ? step.oneOf : [step];
  const turn = alternatives.find(({ when }) => when === undefined || holds(when, conversation));
  if (turn) return turn;
  throw new Error(`no alternative of turn ${conversation.step + 1} of "${script.name}" fits the conversation`);
}

function holds(condition: ScriptCondition, { toolResult, toolResultIsError, prompt }: Conversation): boolean {
  const { toolResultContains, toolResultLacks, toolResultMatches, promptContains } = condition;
  return (
    (toolResultContains === undefined || toolResult.includes(toolResultContains)) &&
    (toolResultLacks === undefined || !toolResult.includes(toolResultLacks)) &&
    (toolResultMatches === undefined || new RegExp(toolResultMatches).test(toolResult)) &&
    (condition.toolResultIsError === undefined || condition.toolResultIsError === toolResultIsError) &&
    (promptContains === undefined || prompt.includes(promptContains))
  );
}

function buildReply(script: Script, turn: ScriptTurn, conversation: Conversation): Reply {
  const { key, step, workspace, prompt, toolResult } = conversation;
  const { text, tools } = fillTemplate(
    { text: turn.text, tools: turn.tools },
    { workspace, prompt, toolResult, ...script.variables },
  );
  return {
    kind: 'reply',
    id: `msg_${toolUseId(key, step, 0).slice('toolu_'.length)}`,
    model: conversation.model,
    blocks: [
      ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
      ...tools.map((tool, index) => ({ type: 'tool_use' as const, id: toolUseId(key, step, index), ...tool })),
    ],
    stopReason: tools.length > 0 ? 'tool_use' : 'end_turn',
    usage: turn.usage,
    chunkDelayMs: turn.chunkDelayMs,
  };
}

function sideReply({ key, model }: Conversation): Reply {
  return {
    kind: 'reply',
    id: `msg_side_${toolUseId(key, 0, 0).slice('toolu_'.length)}`,
    model,
    blocks: [{ type: 'text', text: 'ok' }],
    stopReason: 'end_turn',
    usage: { inputTokens: 1, outputTokens: 1 },
    chunkDelayMs: 0,
  };
}
