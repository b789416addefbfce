import { limits } from '@abca/core';
import type { CanUseTool, HookCallback, HookCallbackMatcher, HookEvent, Options } from '@anthropic-ai/claude-agent-sdk';

/** What the SDK asks during a run. */
export interface SdkHookHandlers {
  /** Judges a call before it runs. @returns the reason of a denial. */
  beforeTool(toolUseId: string, toolName: string, input: unknown): Promise<string | undefined>;
  /** Whether a call has been judged and allowed. */
  mayRun(toolUseId: string): Promise<boolean>;
  /** A tool's output as the model may see it. */
  redactOutput(output: unknown): unknown;
  /** All calls of a turn have their results. @returns a text for the model. */
  afterTools(toolUseIds: readonly string[]): Promise<string | undefined>;
  /** The model wants to end the run. @returns a text to go on with. */
  beforeStop(): Promise<string | undefined>;
  /** Whether the end of the run has been decided. */
  isOver(): boolean;
}

/** A gate may wait for a person: no hook ends before the session does. The SDK's own default is a minute. */
const hookTimeoutS = limits.sessionMs / 1000;

/**
 * The hooks and the permission callback that put `handlers` between the SDK and its tools. Each of them denies what it
 * does not know; a hook that fails blocks the call.
 */
export function sdkHooks(handlers: SdkHookHandlers): Required<Pick<Options, 'hooks' | 'canUseTool'>> {
  const on = (callback: HookCallback): HookCallbackMatcher[] => [
    { hooks: [callback], timeout: hookTimeoutS, onFailure: 'block' },
  ];
  const hooks: Partial<Record<HookEvent, HookCallbackMatcher[]>> = {
    PreToolUse: on(preToolUse(handlers)),
    PostToolUse: on(postToolUse(handlers)),
    PostToolBatch: on(postToolBatch(handlers)),
    // One that fails must not keep the run from ending.
    Stop: [{ hooks: [stop(handlers)], timeout: hookTimeoutS }],
  };
  return { hooks, canUseTool: canUseTool(handlers) };
}

function preToolUse(handlers: SdkHookHandlers): HookCallback {
  return async (input) => {
    if (input.hook_event_name !== 'PreToolUse') return {};
    const denied = await handlers.beforeTool(input.tool_use_id, input.tool_name, input.tool_input);
    return {
      hookSpecificOutput: {
        hookEventName: 'PreToolUse',
        permissionDecision: denied === undefined ? 'allow' : 'deny',
        ...(denied !== undefined && { permissionDecisionReason: denied }),
      },
    };
  };
}

/** Keeps secrets out of what the SDK holds; the relay redacts once more on the way to the model. */
function postToolUse(handlers: SdkHookHandlers): HookCallback {
  return async (input) => {
    if (input.hook_event_name !== 'PostToolUse') return {};
    const updatedToolOutput = handlers.redactOutput(input.tool_response);
    return { hookSpecificOutput: { hookEventName: 'PostToolUse', updatedToolOutput } };
  };
}

function postToolBatch(handlers: SdkHookHandlers): HookCallback {
  return async (input) => {
    if (input.hook_event_name !== 'PostToolBatch') return {};
    const additionalContext = await handlers.afterTools(input.tool_calls.map((call) => call.tool_use_id));
    if (handlers.isOver()) return { continue: false, stopReason: 'the run has ended' };
    if (additionalContext === undefined) return {};
    return { hookSpecificOutput: { hookEventName: 'PostToolBatch', additionalContext } };
  };
}

function stop(handlers: SdkHookHandlers): HookCallback {
  return async (input) => {
    if (input.hook_event_name !== 'Stop') return {};
    const reason = await handlers.beforeStop();
    return reason === undefined ? {} : { decision: 'block', reason };
  };
}

/** The second net: whatever asks for a permission got past the hook and is held to the gate's word. */
function canUseTool(handlers: SdkHookHandlers): CanUseTool {
  return async (_toolName, input, { toolUseID }) =>
    (await handlers.mayRun(toolUseID))
      ? { behavior: 'allow', updatedInput: input }
      : { behavior: 'deny', message: 'this call was not allowed by the tool gate' };
}
