import { AbcaError, decideApproval, milestoneEvent, nudgeTask, type RequestId } from '@abca/core';
import { aSoftMatch, FakeCodingAgent, InMemoryRateLimiter, someFindings, type FakeAgentStep } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { runSession } from '../session/run-session.ts';
import { drained, say, session, World } from '../session/session.test-kit.ts';

const push = { toolName: 'Bash', input: { command: 'git push --force' } };
const look = { toolName: 'Read', input: { file_path: 'a.ts' } };
const turn = (...calls: readonly (typeof push | typeof look)[]): FakeAgentStep => ({
  kind: 'turn',
  text: 'I work.',
  calls,
});

/** A world whose policy asks about every command. */
async function askingWorld(
  steps: readonly FakeAgentStep[],
  task: Parameters<typeof World.create>[0] = {},
): Promise<{ world: World; agent: FakeCodingAgent }> {
  const agent = new FakeCodingAgent(steps);
  const world = await World.create({ ...task, agent });
  world.policies.answer = ({ toolName }) =>
    toolName === 'Bash' ? someFindings([aSoftMatch({ ruleId: 'soft_1', summary: 'Ask first.' })]) : someFindings();
  return { world, agent };
}

const rates = new InMemoryRateLimiter();

function nudge(world: World, text: string): Promise<unknown> {
  const { tasks, clock } = world;
  const request = { userId: 'ann' as never, taskId: session.taskId, text };
  return nudgeTask(
    { tasks, clock, rates: new InMemoryRateLimiter(clock), ids: { newEventId: () => `n-${text}` } },
    request,
  );
}

/** The request that the task waits for, once it does. */
async function requestOf(world: World): Promise<RequestId> {
  // By the real clock: the hash of a call comes from a thread of its own.
  const untilMs = Date.now() + 10_000;
  while (Date.now() < untilMs) {
    const { awaitingApprovalRequestId } = await world.row();
    if (awaitingApprovalRequestId !== undefined) return awaitingApprovalRequestId;
    await drained();
  }
  throw new Error('the task does not wait for a request');
}

async function answer(world: World, given: Parameters<typeof decideApproval>[1]['answer']): Promise<void> {
  const requestId = await requestOf(world);
  const { approvals, clock } = world;
  const request = { userId: 'ann' as never, taskId: session.taskId, requestId, answer: given };
  await decideApproval({ approvals, clock, rates }, request);
}

describe('the gate in a session', () => {
  test('puts what people said, then what they refused, before the next turn, in this order', async () => {
    const { world, agent } = await askingWorld([turn(push), say('done')]);
    const running = runSession(world.deps(), session);
    await requestOf(world);

    await nudge(world, 'one');
    await nudge(world, 'two');
    await answer(world, { kind: 'deny', reason: 'not today' });
    await world.settle(running);

    expect(agent.injected).toHaveLength(1);
    expect(agent.injected[0]).toMatch(/<user_nudge [^>]*>one<.*<user_nudge [^>]*>two<.*<user_denial [^>]*>not today</s);
    expect(await world.eventTypes()).toContain('nudges_delivered');
    expect(agent.gateCalls[0]?.verdict).toStrictEqual({ kind: 'deny', reason: 'Denied by a person: not today' });
  });

  test('hands on what is said in the very last turn', async () => {
    const { world, agent } = await askingWorld([
      turn(look),
      { kind: 'act', run: async () => void (await nudge(world, 'late')) },
      say('done'),
    ]);

    await world.run();

    expect(agent.injected).toHaveLength(1);
    expect(agent.injected[0]).toContain('>late<');
  });

  test('leaves what was said for the next session when the task is cancelled', async () => {
    const { world, agent } = await askingWorld([
      { kind: 'act', run: async () => void (await nudge(world, 'kept')) },
      { kind: 'act', run: async () => void (await world.cancel()) },
      turn(look),
      say('never'),
    ]);

    expect(await world.run()).toStrictEqual({ kind: 'lease_lost' });

    expect(agent.injected).toStrictEqual([]);
    expect(await world.eventTypes()).not.toContain('nudges_delivered');
  });

  test('reads what was said at the next turn when the log cannot be read now', async () => {
    const { world, agent } = await askingWorld([turn(look), turn(look), say('done')]);
    await nudge(world, 'early');
    // The first read is that of the gate at the start.
    world.before('events.read', (nth) => {
      if (nth === 2) throw new Error('away');
    });

    await world.run();

    expect(agent.injected).toHaveLength(1);
    expect(world.logger.lines.some(({ message }) => message === 'nudges could not be read')).toBe(true);
  });

  test('tells with which permissions it starts, those that were given before included', async () => {
    const { world } = await askingWorld([turn(push), say('done')], { task: { initialApprovals: ['tool_type:Read'] } });
    const granted = {
      scope: 'rule:soft_1',
      decided_at: 'd',
      created_at: 'c',
      effective_timeout_s: 1,
      matching_rule_ids: [],
    };
    const { userId, repo } = await world.row();
    const event = milestoneEvent('approval_granted', { request_id: 'r', ...granted });
    await world.events.append({ taskId: session.taskId, userId, repo }, [event]);

    await world.run();

    const loaded = (await world.eventsOf('agent_milestone')).find(
      ({ milestone }) => milestone === 'pre_approvals_loaded',
    );
    expect(loaded).toMatchObject({ count: 2, scopes: ['tool_type:Read', 'rule:soft_1'] });
    expect((await world.row()).status).toBe('RUNNING');
  });

  test('waits for a store that is away while it looks at what earlier sessions left', async () => {
    const { world, agent } = await askingWorld([turn(look), say('done')]);
    world.before('events.read', (nth) => {
      if (nth <= 3) throw new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true });
    });

    expect(await world.run()).toMatchObject({ kind: 'reported', result: { outcome: 'finished' } });
    expect(agent.gateCalls).toHaveLength(1);
  });

  test('ends the task at once when a scope on its row is none', async () => {
    const { world } = await askingWorld([say('never')], { task: { initialApprovals: ['everything'] } });

    const end = await world.run();

    expect(end).toMatchObject({ kind: 'reported', result: { failure: { code: 'VALIDATION_ERROR' } } });
    expect(world.calls).not.toContain('agent.run');
  });

  test('loads the policies that were settled when the workflow started', async () => {
    const { world } = await askingWorld([say('done')]);
    const { settings } = await world.row();
    const cedarPolicies = { disable: ['write_env_files'] };
    await world.tasks.amend({
      taskId: session.taskId,
      atMs: 0,
      whileIn: ['RUNNING'],
      patch: { settings: { ...settings!, cedarPolicies } },
    });

    await world.run();

    expect(world.loader.loads).toStrictEqual([cedarPolicies]);
  });

  test('judges by the branches of the repository and the one it started from', async () => {
    const { world } = await askingWorld([turn(look), say('done')]);

    await world.run();

    expect(world.policies.asked[0]?.protectedBranches).toStrictEqual(['main']);
  });

  test('leaves the task RUNNING when it is told to end while a person is asked', async () => {
    const sigterm = new AbortController();
    const { world } = await askingWorld([turn(push), say('never')]);
    const running = runSession(world.deps(), session, { signal: sigterm.signal });
    const requestId = await requestOf(world);

    sigterm.abort(new Error('asked to end'));
    await world.settle(running);

    expect(await world.row()).toMatchObject({ status: 'RUNNING', result: { outcome: 'cancelled' } });
    expect(await world.approvals.find({ taskId: session.taskId, requestId })).toMatchObject({ status: 'TIMED_OUT' });
  });
});
