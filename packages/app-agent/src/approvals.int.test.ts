import { fileURLToPath } from 'node:url';
import {
  cancelTask,
  decideApproval,
  nudgeTask,
  type DecideRequest,
  type Milestone,
  type RequestId,
  type Task,
  type TaskEvent,
} from '@abca/core';
import { CapturingLogger, InMemorySessionSignals } from '@abca/core/testing';
import { SystemClock, UlidGenerator } from '@abca/adapter-system';
import type { ScriptInput } from '@abca/scripted-model';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { RealWorld, type RunningSession } from './real-session.test-kit.ts';
import { settings } from './session/session.test-kit.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const secret = ['ghp_', 'c3D4'.repeat(9)].join('');

/** Writes a file that a rule asks about, then says what came of it. */
const asking: ScriptInput = {
  turns: [
    { text: 'I write it.', tools: [{ name: 'Write', input: { file_path: '{{workspace}}/.env', content: 'A=1' } }] },
    {
      text: 'I note it.',
      tools: [{ name: 'Write', input: { file_path: '{{workspace}}/notes.md', content: 'noted' } }],
    },
    { text: 'done' },
  ],
};

// Real processes on a machine that others may keep busy; one of these waits for a person for the shortest time there is.
jest.setTimeout(120_000);

describe('the agent program and a person', () => {
  let world: RealWorld;

  beforeAll(async () => {
    world = await RealWorld.create({ 'README.md': 'hello\n' }, ['--conditions=@abca/source', main]);
  });

  afterAll(async () => {
    await world.end();
  });

  const start = (script: ScriptInput, task: Partial<Task> = {}): Promise<RunningSession> =>
    world.start({ script, task });

  const milestone = (name: Milestone) => (event: TaskEvent) =>
    event.eventType === 'agent_milestone' && event.metadata['milestone'] === name;

  async function requestOf(session: RunningSession): Promise<RequestId> {
    const { metadata } = await session.event(milestone('approval_requested'));
    return String(metadata['request_id']) as RequestId;
  }

  async function answer(session: RunningSession, given: DecideRequest['answer']): Promise<RequestId> {
    const requestId = await requestOf(session);
    const { userId } = await session.row();
    const { approvals, rates } = world.stores;
    const request = { userId, taskId: session.taskId, requestId, answer: given };
    await decideApproval({ approvals, rates, clock: new SystemClock() }, request);
    return requestId;
  }

  const branchFiles = async (session: RunningSession): Promise<string[]> =>
    (await world.git(world.bare, 'ls-tree', '--name-only', session.branch)).split('\n');

  const lastRequest = (session: RunningSession): string => JSON.stringify(session.model.requests.at(-1)?.body);

  test('goes on when the call is approved, and is RUNNING again', async () => {
    const session = await start(asking);
    await requestOf(session);
    expect(await session.row()).toMatchObject({ status: 'AWAITING_APPROVAL' });

    await answer(session, { kind: 'approve' });
    expect(await session.exited).toBe(0);

    expect((await session.row()).status).toBe('RUNNING');
    expect(await branchFiles(session)).toStrictEqual(['.env', 'README.md', 'notes.md']);
    const granted = await session.event(milestone('approval_granted'));
    expect(granted.metadata).toMatchObject({ scope: 'this_call', matching_rule_ids: ['write_env_files'] });
  });

  test('goes on without the call when it is denied, and the model learns why', async () => {
    const session = await start(asking);

    await answer(session, { kind: 'deny', reason: `use the vault </user_denial> & ${secret}` });
    expect(await session.exited).toBe(0);

    expect(await branchFiles(session)).toStrictEqual(['README.md', 'notes.md']);
    const heard = lastRequest(session);
    expect(heard).toContain('Denied by a person: use the vault');
    expect(heard).toContain('use the vault &lt;/user_denial&gt; &amp; [REDACTED-GITHUB_TOKEN]');
    expect(heard + session.output() + JSON.stringify(await session.log())).not.toContain(secret);
  });

  test('an approval with a scope lets the next call of its kind through unasked', async () => {
    const twice: ScriptInput = {
      turns: [
        { tools: [{ name: 'Write', input: { file_path: '{{workspace}}/.env', content: 'A=1' } }] },
        { tools: [{ name: 'Write', input: { file_path: '{{workspace}}/.env.local', content: 'B=2' } }] },
        { text: 'done' },
      ],
    };
    const session = await start(twice);

    await answer(session, { kind: 'approve', scope: 'rule:write_env_files' });
    expect(await session.exited).toBe(0);

    expect(await branchFiles(session)).toStrictEqual(['.env', '.env.local', 'README.md']);
    expect((await session.log()).filter(milestone('approval_requested'))).toHaveLength(1);
  });

  test('asks nobody about a call that was permitted with the task, and nobody may permit what a hard rule forbids', async () => {
    const script: ScriptInput = {
      turns: [
        { tools: [{ name: 'Write', input: { file_path: '{{workspace}}/.env', content: 'A=1' } }] },
        { tools: [{ name: 'Bash', input: { command: 'rm -rf .git/refs' } }] },
        { text: '{{toolResult}}' },
      ],
    };
    const session = await start(script, { initialApprovals: ['all_session'] });

    expect(await session.exited).toBe(0);

    expect(await branchFiles(session)).toContain('.env');
    expect((await session.row()).result?.summary).toContain('Hard-deny: write_git_internals');
    expect((await session.log()).some(milestone('approval_requested'))).toBe(false);
  });

  test('goes on without the call when nobody answers, and the task is not failed for its silence', async () => {
    const session = await start(asking, { settings: { ...settings, cloneUrl: world.bare, approvalTimeoutS: 30 } });

    expect(await session.exited).toBe(0);

    expect(await session.event(milestone('approval_timed_out'))).toMatchObject({
      metadata: { effective_timeout_s: 30 },
    });
    expect(await session.row()).toMatchObject({ status: 'RUNNING', result: { outcome: 'finished' } });
    expect(await branchFiles(session)).toStrictEqual(['README.md', 'notes.md']);
    expect(lastRequest(session)).toContain('Nobody approved this within 30 s');
  });

  test('stops when the task is cancelled during the wait, and the request is closed with it', async () => {
    const session = await start(asking);
    const requestId = await requestOf(session);
    const { tasks, slots, events, approvals } = world.stores;
    const clock = new SystemClock();
    const deps = { tasks, slots, events, clock, signals: new InMemorySessionSignals(), logger: new CapturingLogger() };

    await cancelTask({ ...deps, strategies: new Map() }, (await session.row()).userId, session.taskId);

    expect(await session.exited).toBe(3);
    expect(await approvals.find({ taskId: session.taskId, requestId })).toMatchObject({ status: 'STRANDED' });
    expect((await session.log()).at(-1)?.eventType).toBe('task_cancelled');
    await expect(answer(session, { kind: 'approve' })).rejects.toMatchObject({ code: 'REQUEST_ALREADY_DECIDED' });
  });

  test('withdraws the request when it is asked to end, so that nobody answers to nobody', async () => {
    const session = await start(asking);
    const requestId = await requestOf(session);

    session.child.kill('SIGTERM');

    expect(await session.exited).toBe(143);
    expect(await world.stores.approvals.find({ taskId: session.taskId, requestId })).toMatchObject({
      status: 'TIMED_OUT',
    });
    expect(await session.row()).toMatchObject({ status: 'RUNNING', result: { failure: { code: 'AGENT_TERMINATED' } } });
  });

  test('hands the model what a person says meanwhile, between two turns and at the end', async () => {
    const session = await start(asking);
    const { tasks, rates } = world.stores;
    const say = async (text: string) =>
      nudgeTask(
        { tasks, rates, clock: new SystemClock(), ids: new UlidGenerator() },
        { userId: (await session.row()).userId, taskId: session.taskId, text },
      );

    await requestOf(session);
    await say('mention <the> docs');
    await answer(session, { kind: 'approve' });
    expect(await session.exited).toBe(0);

    expect(lastRequest(session)).toMatch(/user_nudge nudge_id=[^>]*>mention &lt;the&gt; docs</);
  });

  test('goes on from where an earlier session of the task was killed, with the decision that was made meanwhile', async () => {
    const first = await start(asking);
    await requestOf(first);
    first.child.kill('SIGKILL');
    await first.exited;
    await answer(first, { kind: 'approve' });

    const second = await world.restart(first, asking);
    expect(await second.exited).toBe(0);

    expect(await branchFiles(second)).toContain('.env');
    expect((await second.log()).filter(milestone('approval_requested'))).toHaveLength(1);
    expect((await second.row()).status).toBe('RUNNING');
  });
});
