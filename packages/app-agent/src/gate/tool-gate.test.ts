import { describe, expect, test } from '@jest/globals';
import type { NewTaskEvent, PolicyDecision, PolicyEngine, ToolCall } from '@abca/core';
import { aTask, CapturingLogger } from '@abca/core/testing';
import type { StopReason } from '../session/stop-switch.ts';
import { FakePolicyEngine } from '../session/session.test-kit.ts';
import { createToolGate } from './tool-gate.ts';

const call: ToolCall = { toolName: 'Bash', input: { command: 'npm test' }, toolUseId: 'toolu_1', turn: 3 };
const task = aTask({ status: 'RUNNING', taskType: 'pr_review' });
const secret = `ghp_${'a1B2'.repeat(9)}`;

function aGate(engine: PolicyEngine | undefined, reason?: StopReason) {
  const events: NewTaskEvent[] = [];
  const logger = new CapturingLogger();
  const reporter = { publish: async (...told: readonly NewTaskEvent[]) => void events.push(...told) };
  const stop = { reason: () => reason };
  return { events, logger, gate: createToolGate({ engine, reporter, stop, logger }, { task, workspaceDir: '/w' }) };
}

function answering(decision: PolicyDecision): FakePolicyEngine {
  const engine = new FakePolicyEngine();
  engine.answer = () => decision;
  return engine;
}

describe('createToolGate()', () => {
  test('asks the engine with what it needs to judge', async () => {
    const engine = new FakePolicyEngine();

    await aGate(engine).gate(call);

    expect(engine.asked).toStrictEqual([
      {
        taskId: task.taskId,
        taskType: 'pr_review',
        repo: task.repo,
        readOnly: true,
        toolName: 'Bash',
        input: { command: 'npm test' },
        workspaceDir: '/w',
      },
    ]);
  });

  test('lets an allowed call through and tells of the call only', async () => {
    const { gate, events } = aGate(new FakePolicyEngine());

    expect(await gate(call)).toStrictEqual({ kind: 'allow' });
    expect(events).toStrictEqual([
      { eventType: 'agent_tool_call', metadata: { tool_name: 'Bash', tool_input_preview: 'npm test', turn: 3 } },
    ]);
  });

  test('tells of a deny with its rules', async () => {
    const reason = 'Hard-deny: rm_slash';
    const { gate, events } = aGate(answering({ outcome: 'deny', tier: 'hard', reason, matchingRuleIds: ['rm_slash'] }));

    expect(await gate(call)).toStrictEqual({ kind: 'deny', reason });
    expect(events[1]).toStrictEqual({
      eventType: 'policy_decision',
      metadata: { tool_name: 'Bash', outcome: 'deny', matching_rule_ids: ['rm_slash'], reason, turn: 3 },
    });
  });

  test('denies what needs an approval', async () => {
    const decision = {
      outcome: 'ask',
      reason: 'force push',
      matchingRuleIds: ['force_push_any'],
      severity: 'medium',
      timeoutS: 300,
    } as const;
    const { gate, events } = aGate(answering(decision));

    const verdict = await gate(call);

    expect(verdict).toStrictEqual({
      kind: 'deny',
      reason: 'approval needed; approvals are not available yet: force push',
    });
    expect(events[1]).toMatchObject({ metadata: { outcome: 'deny', matching_rule_ids: ['force_push_any'] } });
  });

  test('fails closed without an engine', async () => {
    const { gate, events } = aGate(undefined);

    expect(await gate(call)).toMatchObject({ kind: 'deny', reason: expect.stringMatching(/^fail-closed:/) });
    expect(events.map(({ eventType }) => eventType)).toStrictEqual(['agent_tool_call', 'policy_decision']);
  });

  test('fails closed when the engine throws, at once or later', async () => {
    const throwing = {
      evaluate: (): never => {
        throw new Error('boom');
      },
    };
    const rejecting = { evaluate: () => Promise.reject(new Error('boom')) };

    for (const engine of [throwing, rejecting]) {
      const { gate, logger } = aGate(engine);
      expect(await gate(call)).toMatchObject({ kind: 'deny', reason: 'fail-closed: the policy engine failed' });
      expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { tool: 'Bash' } });
    }
  });

  test.each([{ outcome: 'maybe' }, {}, null, undefined])(
    'fails closed on an answer nobody knows: %j',
    async (answer) => {
      const { gate } = aGate({ evaluate: async () => answer as never });

      expect(await gate(call)).toMatchObject({ kind: 'deny', reason: expect.stringMatching(/^fail-closed:/) });
    },
  );

  test('denies everything once the session is ending, without asking', async () => {
    const engine = new FakePolicyEngine();
    const failure = { code: 'AGENT_LEASE_LOST', message: 'cancelled' } as const;
    const { gate } = aGate(engine, { kind: 'lease_lost', failure });

    expect(await gate(call)).toMatchObject({ kind: 'deny', reason: 'fail-closed: the session is ending: cancelled' });
    expect(engine.asked).toStrictEqual([]);
  });

  test('shows no secret of input, name or reason', async () => {
    const reason = `denied ${secret}`;
    const { gate, events } = aGate(answering({ outcome: 'deny', tier: 'soft', reason, matchingRuleIds: [] }));

    const verdict = await gate({ ...call, toolName: `mcp__${secret}`, input: { token: secret } });

    expect(JSON.stringify([verdict, events])).not.toContain(secret.slice(4));
  });

  test('cuts what reaches the model to 500 characters', async () => {
    const { gate } = aGate(
      answering({ outcome: 'deny', tier: 'soft', reason: 'x'.repeat(2_000), matchingRuleIds: [] }),
    );

    const verdict = await gate(call);

    expect(verdict.kind === 'deny' && verdict.reason).toHaveLength(500);
  });
});
