import { describe, expect, test } from '@jest/globals';
import type { AgentProgress, AgentRunHooks, AgentRunInput } from '../ports/coding-agent.ts';
import { FakeCodingAgent } from './fake-coding-agent.ts';

const input: AgentRunInput = {
  prompt: 'fix it',
  workspaceDir: '/w',
  homeDir: '/h',
  shellEnvironment: {},
  maxTurns: 3,
  maxBudgetUsd: 1,
};

function hooksWith(overrides: Partial<AgentRunHooks> = {}): { hooks: AgentRunHooks; seen: AgentProgress[] } {
  const seen: AgentProgress[] = [];
  const hooks: AgentRunHooks = {
    gate: async () => ({ kind: 'allow' }),
    betweenTurns: async () => ({ kind: 'continue' }),
    beforeEnd: async () => ({ kind: 'continue' }),
    progress: async (event) => void seen.push(event),
    redact: (text) => text.replaceAll('secret', '***'),
    ...overrides,
  };
  return { hooks, seen };
}

describe('FakeCodingAgent', () => {
  test('runs an allowed call, redacts its output and finishes with its last text', async () => {
    const ran: string[] = [];
    const agent = new FakeCodingAgent([
      { kind: 'turn', calls: [{ toolName: 'Edit', run: ({ workspaceDir }) => `${ran.push(workspaceDir)} secret` }] },
      { kind: 'turn', text: 'done', costUsd: 0.5, inputTokens: 7, outputTokens: 2 },
    ]);
    const { hooks, seen } = hooksWith();

    const outcome = await agent.run(input, hooks);

    expect(outcome).toStrictEqual({
      kind: 'finished',
      summary: 'done',
      turns: 2,
      costUsd: 0.5,
      inputTokens: 7,
      outputTokens: 2,
      model: 'fake',
    });
    expect(ran).toStrictEqual(['/w']);
    expect(seen.map((event) => event.kind)).toStrictEqual(['started', 'turn', 'tool_result', 'turn', 'cost']);
    expect(seen[2]).toMatchObject({ content: '1 ***', isError: false });
  });

  test('does not run a call whose gate denies or throws', async () => {
    let runs = 0;
    const call = { toolName: 'Bash', run: () => void runs++ };
    const agent = new FakeCodingAgent([{ kind: 'turn', calls: [call, call] }]);
    let asked = 0;
    const { hooks } = hooksWith({
      gate: async () => {
        if (asked++ > 0) throw new Error('engine down');
        return { kind: 'deny', reason: 'no' };
      },
    });

    await agent.run(input, hooks);

    expect(runs).toBe(0);
    expect(agent.gateCalls.map(({ verdict }) => verdict)).toStrictEqual([
      { kind: 'deny', reason: 'no' },
      { kind: 'deny', reason: 'engine down' },
    ]);
  });

  test.each([
    ['turn_cap', [1, 2, 3, 4].map(() => ({ kind: 'turn' as const }))],
    ['budget_cap', [{ kind: 'turn' as const, costUsd: 1 }]],
  ])('ends as %s', async (kind, steps) => {
    const { hooks } = hooksWith();

    const outcome = await new FakeCodingAgent(steps).run(input, hooks);

    expect(outcome.kind).toBe(kind);
  });

  test('stops when betweenTurns says so or throws', async () => {
    const agent = new FakeCodingAgent([{ kind: 'turn', calls: [{ toolName: 'Read' }] }]);

    const told = await agent.run(
      input,
      hooksWith({ betweenTurns: async () => ({ kind: 'stop', reason: 'cap' }) }).hooks,
    );
    const thrown = await agent.run(
      input,
      hooksWith({
        betweenTurns: async () => {
          throw new Error('lease lost');
        },
      }).hooks,
    );

    expect(told).toMatchObject({ kind: 'stopped', reason: 'cap' });
    expect(thrown).toMatchObject({ kind: 'stopped', reason: 'lease lost' });
  });

  test('waits until it is aborted', async () => {
    const abort = new AbortController();
    const agent = new FakeCodingAgent([
      { kind: 'act', run: () => abort.abort(new Error('cancelled')) },
      { kind: 'waitForAbort' },
    ]);

    const outcome = await agent.run(input, hooksWith().hooks, { signal: abort.signal });

    expect(outcome).toMatchObject({ kind: 'stopped', reason: 'cancelled' });
  });
});
