import type { TaskView } from '@abca/app-api';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addRepo, call, getEvents, submit, whenEnded } from './support/api.ts';
import type { PlatformProcess } from './support/platform-process.ts';
import { makeRemote } from './support/remote.ts';
import { Scene } from './support/scene.ts';
import { savedFiles } from './support/work.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(60_000);

describe('a repository that cannot be worked on', () => {
  let scene: Scene;
  let platform: PlatformProcess;

  beforeAll(async () => {
    ({ scene, platform } = await Scene.up());
  });

  afterAll(async () => {
    await scene.end();
  });

  /** Onboard what is at `path`, and lead a task for it to its end. */
  async function run(
    name: string,
    path: string,
    options: { readonly blueprint?: unknown; readonly task?: Record<string, unknown> } = {},
  ): Promise<TaskView> {
    await addRepo(platform, name, path, options.blueprint);
    const { task_id } = await submit(platform, { repo: name, ...options.task });
    return whenEnded(platform, task_id);
  }

  async function expectRefusedBeforeCompute(task: TaskView, code: string, message: RegExp): Promise<void> {
    expect([task.status, task.failure]).toStrictEqual([
      'FAILED',
      { code, message: expect.stringMatching(message) as unknown },
    ]);
    const events = await getEvents(platform, task.task_id);
    const types = events.map(({ event_type }) => event_type);
    expect(types.slice(-2)).toStrictEqual(['preflight_failed', 'task_failed']);
    expect(types).not.toContain('session_started');
    await scene.whenSlotsFree(scene.stores());
  }

  test('because it is none fails with NOT_A_REPOSITORY', async () => {
    const path = join(scene.dir, 'plain-folder');
    mkdirSync(path);

    const task = await run('bad/none', path);

    await expectRefusedBeforeCompute(
      task,
      'NOT_A_REPOSITORY',
      /plain-folder.*not.*git repository|not a git repository/,
    );
  });

  test('because nothing is there fails with NOT_A_REPOSITORY', async () => {
    const task = await run('bad/absent', join(scene.dir, 'absent'));

    await expectRefusedBeforeCompute(task, 'NOT_A_REPOSITORY', /absent/);
  });

  test('because it has no commit fails with EMPTY_REPOSITORY', async () => {
    const { path } = makeRemote(join(scene.dir, 'empty'), 'none');

    const task = await run('bad/empty', path);

    await expectRefusedBeforeCompute(task, 'EMPTY_REPOSITORY', /commit/);
  });

  test('because the base branch is missing fails with BRANCH_NOT_FOUND', async () => {
    const task = await run('bad/base', scene.remote.path, { task: { base_branch: 'nowhere' } });

    await expectRefusedBeforeCompute(task, 'BRANCH_NOT_FOUND', /nowhere/);
  });

  test('because the base branch is protected fails with BRANCH_PROTECTED', async () => {
    const blueprint = { protected_branches: ['main'] };

    const task = await run('bad/protected', scene.remote.path, { blueprint });

    await expectRefusedBeforeCompute(task, 'BRANCH_PROTECTED', /main is protected/);
  });

  test('because a hook rejects the push fails with PUSH_REJECTED, with the work saved', async () => {
    const remote = makeRemote(join(scene.dir, 'hooked'));
    const hook = join(remote.path, 'hooks', 'pre-receive');
    const script = 'while read old new ref; do case $ref in refs/heads/*) echo "ask Ann first"; exit 1;; esac; done';
    writeFileSync(hook, `#!/bin/sh\n${script}\n`);
    chmodSync(hook, 0o755);

    const task = await run('bad/hooked', remote.path);

    expect([task.status, task.failure]).toStrictEqual([
      'FAILED',
      { code: 'PUSH_REJECTED', message: expect.stringContaining('ask Ann first') as unknown },
    ]);
    expect(task.receipt).toMatchObject({ outcome: 'work_saved', why: expect.stringContaining('ask Ann first') });
    expect(savedFiles(remote, task.task_id)).toStrictEqual(['README.md', 'done.txt']);
    expect(remote.refs('refs/heads')).toStrictEqual(['refs/heads/main']);
    expect(remote.refs('refs/abca/pulls')).toStrictEqual([]);
  });

  test('because nobody added it is refused when the task is submitted', async () => {
    const body = { repo: 'bad/unknown', task_description: 'Do it' };

    const { status, body: answer } = await call(platform, 'POST', '/v1/tasks', { body });

    expect([status, answer.error?.code]).toStrictEqual([422, 'REPO_NOT_ONBOARDED']);
  });
});
