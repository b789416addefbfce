import { repairScript } from '@abca/scripted-model';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { EventView, TaskView } from '@abca/app-api';
import { getEvents, whenEnded } from './support/api.ts';
import type { PlatformProcess } from './support/platform-process.ts';
import { Scene, submitTask } from './support/scene.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(60_000);

const files = {
  'package.json': JSON.stringify({ name: 'shop', type: 'module', scripts: { test: 'node --test' } }),
  'sum.js': 'export const sum = (a, b) => a - b;\n',
  'sum.test.js': [
    "import assert from 'node:assert/strict';",
    "import test from 'node:test';",
    "import { sum } from './sum.js';",
    "test('adds', () => assert.equal(sum(1, 2), 3));",
    '',
  ].join('\n'),
};

const script = repairScript({
  file: 'sum.js',
  faulty: 'a - b',
  fixed: 'a + b',
  testCommand: 'node --test',
  failureMark: 'fail 1',
  successMark: 'fail 0',
});

describe.each(['local', 'ecs', 'agentcore'] as const)('a task on the real Claude Agent SDK, on %s', (backend) => {
  let scene: Scene;
  let platform: PlatformProcess;
  let task: TaskView;
  let events: readonly EventView[];

  beforeAll(async () => {
    ({ scene, platform } = await Scene.up({
      script,
      files,
      // A session start by HTTP takes longer than a quick lease on a busy machine.
      flags: { leaseMs: 20_000 },
      ...(backend !== 'local' && { cloud: backend }),
    }));
    const taskId = await submitTask(platform, { task_description: 'sum() subtracts: make the tests pass.' });
    task = await whenEnded(platform, taskId);
    events = await getEvents(platform, taskId);
  });

  afterAll(async () => {
    await scene.end();
  });

  /** Exit code of the repository's own tests at a branch of the remote. */
  function ownTests(branch: string): number | null {
    const clone = join(scene.dir, `clone-${branch.replaceAll('/', '-')}`);
    const env = { PATH: process.env['PATH'], HOME: scene.dir };
    execFileSync('git', ['clone', '--quiet', '--branch', branch, scene.remote.path, clone], { env });
    return spawnSync('npm', ['test'], { cwd: clone, env }).status;
  }

  test('ends COMPLETED with a receipt that says what the remote holds', () => {
    expect(task.failure).toBeUndefined();
    expect(task.status).toBe('COMPLETED');
    expect(task.receipt).toMatchObject({
      outcome: 'delivered',
      branch: task.branch,
      base_branch: 'main',
      head_sha: scene.remote.git('rev-parse', `refs/heads/${String(task.branch)}`),
      commits: 1,
      files_changed: 1,
      insertions: 1,
      deletions: 1,
      model: 'scripted',
    });
    expect(task.usage).toMatchObject({ turns: 5, model: 'scripted' });
  });

  test('puts the fix on the branch: its tests pass there, and fail on main', () => {
    expect([ownTests(String(task.branch)), ownTests('main')]).toStrictEqual([0, 1]);
  });

  test('opens one pull request, at the head of the branch', () => {
    const heads = scene.remote.refs('refs/abca/pulls').filter((name) => name.endsWith('/head'));

    expect(heads).toHaveLength(1);
    expect(scene.remote.git('rev-parse', String(heads[0]))).toBe(task.receipt?.head_sha);
    expect(task.receipt?.pr_number).toBeDefined();
  });

  test('shows every tool call to the policy gate, and its result', () => {
    const calls = events.filter(({ event_type }) => event_type === 'agent_tool_call');
    const results = events.filter(({ event_type }) => event_type === 'agent_tool_result');

    expect(calls.map(({ metadata }) => (metadata as { tool_name: string }).tool_name)).toStrictEqual([
      'Read',
      'Bash',
      'Edit',
      'Bash',
    ]);
    expect(results).toHaveLength(calls.length);
  });

  test('tells the way of the task in order, without a gap and with one end', () => {
    const types = events.map(({ event_type }) => event_type);
    const milestones = events
      .filter(({ event_type }) => event_type === 'agent_milestone')
      .map(({ metadata }) => (metadata as { milestone: string }).milestone);

    expect(events.map(({ seq }) => seq)).toStrictEqual(events.map((_, index) => index + 1));
    expect(types.slice(0, 4)).toStrictEqual([
      'task_created',
      'hydration_started',
      'hydration_complete',
      'session_started',
    ]);
    expect(milestones).toStrictEqual([
      'repo_cloned',
      'pre_approvals_loaded',
      'agent_started',
      'work_saved',
      'branch_pushed',
      'diff_size',
      'pr_created',
    ]);
    expect(types.filter((type) => type.startsWith('task_'))).toStrictEqual(['task_created', 'task_completed']);
    expect(types.at(-1)).toBe('task_completed');
  });

  test('holds the work in the WIP ref too', () => {
    const wip = `refs/abca/${task.task_id.toLowerCase()}/wip`;

    expect(scene.remote.git('show', `${wip}:sum.js`)).toContain('a + b');
  });

  test('ran where the blueprint says', () => {
    const started = events.find(({ event_type }) => event_type === 'session_started');

    expect(started?.metadata).toMatchObject({ compute_type: backend });
    expect(scene.backendSessions()).toHaveLength(backend === 'local' ? 0 : 1);
  });

  test('leaves no session, no process of it and no slot behind', async () => {
    await scene.whenSlotsFree(scene.stores());
    await scene.whenNoSessionRuns();

    expect(scene.sessionProcesses()).toStrictEqual([]);
  });
});
