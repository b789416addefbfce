import type { AgentRunHooks, ToolVerdict } from '@abca/core';
import type { HookEvent, HookInput } from '@anthropic-ai/claude-agent-sdk';
import { describe, expect, test } from '@jest/globals';
import { aLogger } from '../run-claude.test-kit.ts';
import { Gatekeeper } from './gatekeeper.ts';
import { type SdkHookHandlers, sdkHooks } from './sdk-hooks.ts';

const signal = new AbortController().signal;

function handlers(overrides: Partial<SdkHookHandlers> = {}): SdkHookHandlers {
  return {
    beforeTool: async () => undefined,
    mayRun: async (id) => id === 'allowed',
    redactOutput: () => 'clean',
    afterTools: async () => undefined,
    beforeStop: async () => undefined,
    isOver: () => false,
    ...overrides,
  };
}

async function call(event: HookEvent, input: object, of: SdkHookHandlers): Promise<unknown> {
  const matcher = sdkHooks(of).hooks[event]?.[0];
  return matcher?.hooks[0]?.({ hook_event_name: event, ...input } as HookInput, undefined, { signal });
}

describe('sdkHooks()', () => {
  test('lets a judged call run and denies any other that asks for a permission', async () => {
    const { canUseTool } = sdkHooks(handlers());

    const answers = await Promise.all(
      ['allowed', 'unknown'].map((toolUseID) => canUseTool('Bash', { a: 1 }, { signal, toolUseID, requestId: 'r' })),
    );

    expect(answers).toStrictEqual([
      { behavior: 'allow', updatedInput: { a: 1 } },
      { behavior: 'deny', message: 'this call was not allowed by the tool gate' },
    ]);
  });

  test('turns the answer of the gate into a permission', async () => {
    const allowed = await call('PreToolUse', {}, handlers());
    const denied = await call('PreToolUse', {}, handlers({ beforeTool: async () => 'why' }));

    expect([allowed, denied]).toStrictEqual([
      { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'allow' } },
      {
        hookSpecificOutput: {
          hookEventName: 'PreToolUse',
          permissionDecision: 'deny',
          permissionDecisionReason: 'why',
        },
      },
    ]);
  });

  test('replaces what a tool returned', async () => {
    expect(await call('PostToolUse', { tool_response: 'raw' }, handlers())).toStrictEqual({
      hookSpecificOutput: { hookEventName: 'PostToolUse', updatedToolOutput: 'clean' },
    });
  });

  test.each<[string, Partial<SdkHookHandlers>, object]>([
    ['goes on', {}, {}],
    [
      'adds a text',
      { afterTools: async (ids) => ids.join() },
      { hookSpecificOutput: { hookEventName: 'PostToolBatch', additionalContext: 'a,b' } },
    ],
    ['ends', { isOver: () => true }, { continue: false, stopReason: 'the run has ended' }],
  ])('%s between turns', async (_, overrides, expected) => {
    const input = { tool_calls: [{ tool_use_id: 'a' }, { tool_use_id: 'b' }] };

    expect(await call('PostToolBatch', input, handlers(overrides))).toStrictEqual(expected);
  });

  test('blocks the call when a hook fails, and waits as long as a session lasts', () => {
    const { hooks } = sdkHooks(handlers());

    for (const [event, matchers] of Object.entries(hooks)) {
      expect(matchers).toMatchObject([{ timeout: 8 * 3600, ...(event !== 'Stop' && { onFailure: 'block' }) }]);
    }
    expect(hooks.Stop?.[0]).not.toHaveProperty('onFailure');
  });

  test('lets the run end, or goes on with a text', async () => {
    expect(await call('Stop', {}, handlers())).toStrictEqual({});
    expect(await call('Stop', {}, handlers({ beforeStop: async () => 'one more thing' }))).toStrictEqual({
      decision: 'block',
      reason: 'one more thing',
    });
  });
});

describe('Gatekeeper', () => {
  test('asks once about a call and remembers the answer', async () => {
    let asked = 0;
    const gate = async (): Promise<ToolVerdict> => (++asked === 1 ? { kind: 'allow' } : { kind: 'deny', reason: 'no' });
    const keeper = new Gatekeeper({ gate } as unknown as AgentRunHooks, aLogger());
    const toolCall = { toolUseId: '1', toolName: 'Bash', input: {}, turn: 1 };

    const unknown = await keeper.find('1');
    const answers = await Promise.all([keeper.judge(toolCall), keeper.judge(toolCall)]);

    expect(unknown).toBeUndefined();
    expect([...answers, await keeper.find('1')]).toStrictEqual(Array(3).fill({ kind: 'allow' }));
  });
});
