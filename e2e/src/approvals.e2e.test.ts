import type { EventView, PendingView, TaskView } from '@abca/app-api';
import type { ScriptInput } from '@abca/scripted-model';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { call, getEvents, getTask, whenEnded, whenTask, type ApiAnswer } from './support/api.ts';
import type { PlatformProcess } from './support/platform-process.ts';
import { Scene, submitTask, type SceneOptions } from './support/scene.ts';
import { until } from './support/until.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(120_000);

/** Writes a file that a rule asks about, and one that no rule minds. */
const asking: ScriptInput = {
  turns: [
    { text: 'I write it.', tools: [{ name: 'Write', input: { file_path: '{{workspace}}/.env', content: 'A=1\n' } }] },
    { text: 'I note it.', tools: [{ name: 'Write', input: { file_path: '{{workspace}}/notes.md', content: 'ok\n' } }] },
    { text: 'Done.' },
  ],
};

describe('approvals', () => {
  let scene: Scene;
  let platform: PlatformProcess;

  afterEach(async () => {
    await scene.end();
  });

  async function up(options: SceneOptions = {}): Promise<void> {
    ({ scene, platform } = await Scene.up({ script: asking, ...options }));
  }

  const waiting = (taskId: string): Promise<TaskView> =>
    whenTask(platform, taskId, ({ status }) => status === 'AWAITING_APPROVAL');

  async function pendingOf(taskId: string): Promise<PendingView> {
    const list = async (): Promise<readonly PendingView[]> =>
      (await call<readonly PendingView[]>(platform, 'GET', '/v1/pending')).body.data;
    return until(async () => (await list()).find((pending) => pending.task_id === taskId), {
      boundMs: 10_000,
      what: async () => `nothing pending for ${taskId}: ${JSON.stringify(await list())}`,
    });
  }

  function answer(taskId: string, verb: 'approve' | 'deny', body: Record<string, unknown>): Promise<ApiAnswer> {
    return call(platform, 'POST', `/v1/tasks/${taskId}/${verb}`, { body });
  }

  const filesOf = ({ branch = '' }: TaskView): readonly string[] =>
    scene.remote.git('ls-tree', '--name-only', branch).split('\n');

  const milestones = (events: readonly EventView[]): readonly string[] =>
    events.flatMap(({ event_type, metadata }) =>
      event_type === 'agent_milestone' ? String((metadata as Record<string, unknown>)['milestone']) : [],
    );

  test('a task waits for its person, goes on as they say, and its receipt lists what they said', async () => {
    await up();
    const taskId = await submitTask(platform);
    await waiting(taskId);

    const pending = await pendingOf(taskId);
    const decided = await answer(taskId, 'approve', { request_id: pending.request_id });
    const again = await answer(taskId, 'deny', { request_id: pending.request_id });
    const ended = await whenEnded(platform, taskId);

    expect(pending).toMatchObject({
      tool_name: 'Write',
      input: 'file_path: .env\ncontent: A=1\n',
      severity: 'high',
      matching_rule_ids: ['write_env_files'],
      suggested_scopes: [
        'this_call',
        'write_path:.env',
        'rule:write_env_files',
        'tool_type:Write',
        'tool_group:file_write',
      ],
    });
    expect(decided).toMatchObject({ status: 202, body: { data: { status: 'APPROVED', scope: 'this_call' } } });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'REQUEST_ALREADY_DECIDED' } } });
    expect(ended).toMatchObject({
      status: 'COMPLETED',
      receipt: { gate: { calls: 2, named: [{ outcome: 'approved', call: '.env', rule_ids: ['write_env_files'] }] } },
    });
    expect(filesOf(ended)).toContain('.env');
  });

  test.each([
    ['approve', { scope: 'this_call' }, ['.env', 'notes.md'], 'approval_granted'],
    ['deny', { reason: 'use the vault' }, ['notes.md'], 'approval_denied'],
  ] as const)(
    'a platform that is killed during the wait and started again lets the agent go on as decided: %s',
    async (verb, body, files, told) => {
      // The session outlives the platform, as it does for everybody who does not ask for the opposite.
      await up({ flags: { ownSessions: false, leaseMs: 30_000 } });
      const taskId = await submitTask(platform);
      await waiting(taskId);
      const { request_id } = await pendingOf(taskId);

      await platform.kill();
      platform = await scene.start();
      expect((await answer(taskId, verb, { request_id, ...body })).status).toBe(202);
      const ended = await whenEnded(platform, taskId);

      expect(ended.status).toBe('COMPLETED');
      expect(filesOf(ended).filter((file) => file !== 'README.md')).toStrictEqual(files);
      const events = await getEvents(platform, taskId);
      expect(milestones(events).filter((name) => name === told)).toStrictEqual([told]);
      expect(events.filter(({ event_type }) => event_type === 'session_started')).toHaveLength(1);
    },
  );

  test('a cancel ends the wait, the session and the request', async () => {
    await up();
    const taskId = await submitTask(platform);
    await waiting(taskId);
    const { request_id } = await pendingOf(taskId);

    const cancelled = await call(platform, 'DELETE', `/v1/tasks/${taskId}`);
    const late = await answer(taskId, 'approve', { request_id });

    expect(cancelled).toMatchObject({ status: 200, body: { data: { stop: { outcome: 'stopped' } } } });
    expect(late).toMatchObject({ status: 409, body: { error: { code: 'REQUEST_ALREADY_DECIDED' } } });
    expect((await getTask(platform, taskId)).status).toBe('CANCELLED');
    expect((await call<unknown[]>(platform, 'GET', '/v1/pending')).body.data).toStrictEqual([]);
    await until(() => (scene.sessionProcesses().length === 0 ? true : undefined), {
      boundMs: 10_000,
      what: () => JSON.stringify(scene.sessionProcesses()),
    });
  });

  test('policies of a repository are set, shown, kept from being broken, and obeyed', async () => {
    await up({
      script: {
        turns: [{ tools: [{ name: 'Bash', input: { command: 'echo hi | tee out.txt' } }] }, { text: '{{toolResult}}' }],
      },
    });
    const hard = `@rule_id("no_tee") @tier("hard") @summary("No tee here.")
      forbid (principal, action == Agent::Action::"execute_bash", resource) when { context.shell.programs.contains("tee") };`;
    const path = '/v1/repos/acme/shop/policies';

    const broken = await call(platform, 'PUT', path, { body: { cedar_policies: { hard: 'forbid (' } } });
    const set = await call(platform, 'PUT', path, { body: { cedar_policies: { hard } } });
    const ended = await whenEnded(platform, await submitTask(platform));

    expect(broken).toMatchObject({ status: 422, body: { error: { code: 'POLICY_INVALID' } } });
    expect(set.status).toBe(200);
    expect(ended.summary).toContain('Hard-deny: no_tee. No tee here.');
  });
});
