import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { whenEnded } from './support/api.ts';
import { processesNaming } from './support/processes.ts';
import { Scene, submitTask } from './support/scene.ts';
import { savedFiles } from './support/work.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(90_000);

let scene: Scene;

afterEach(async () => {
  await scene.end();
});

describe('a repository whose tests hang', () => {
  /** A length that no other process of the machine sleeps for, not even of another run of this test. */
  const nap = `293.${String(process.pid)}`;
  const script = {
    turns: [
      { text: 'I write.', tools: [{ name: 'Write', input: { file_path: '{{workspace}}/new.txt', content: 'kept' } }] },
      { text: 'I test.', tools: [{ name: 'Bash', input: { command: 'sh test.sh', timeout: 600_000 } }] },
      { text: 'Done.' },
    ],
  };
  /** The last quarter is kept for saving and reporting: this leaves the agent 21 seconds. */
  const sessionMs = 28_000;

  test('ends its task at the end of its time, with the work saved and the tests stopped', async () => {
    const files = { 'test.sh': `sh -c 'sleep ${nap}' & wait\n` };
    const up = await Scene.up({ script, files, flags: { sessionMs, leaseMs: 30_000 } });
    scene = up.scene;
    const taskId = await submitTask(up.platform);

    const task = await whenEnded(up.platform, taskId);

    expect([task.status, task.failure?.code]).toStrictEqual(['TIMED_OUT', 'AGENT_LIFETIME_CAP']);
    expect(task.receipt?.outcome).toBe('work_saved');
    expect(savedFiles(scene.remote, taskId)).toStrictEqual(['new.txt', 'test.sh']);
    expect([processesNaming(`sleep\0${nap}`), scene.sessionProcesses()]).toStrictEqual([[], []]);
  });
});

/** How a small disk of its own is mounted for the agent, where this machine lets us; a container may forbid it. */
const ways = [
  ['unshare', '--mount'],
  ['unshare', '--mount', '--map-root-user'],
] as const;
const mount = 'mount -t tmpfs -o size=1m none "$0"';
const way = ways.find(([file, ...args]) => spawnSync(file, [...args, 'sh', '-c', mount, '/mnt']).status === 0);

if (way !== undefined) {
  describe('a workspace whose disk is full', () => {
    test('ends its task with WORKSPACE_DISK_FULL, and keeps what was saved before', async () => {
      const onSmallDisk = `${mount.replace('$0', '$ABCA_WORKSPACE_DIR')} && cd "$ABCA_WORKSPACE_DIR" && exec "$0" "$@"`;
      const up = await Scene.up({ tiny: { fill: true }, tinyUnder: [...way, 'sh', '-c', onSmallDisk] });
      scene = up.scene;
      const taskId = await submitTask(up.platform);

      const task = await whenEnded(up.platform, taskId);

      expect([task.status, task.failure]).toStrictEqual([
        'FAILED',
        { code: 'WORKSPACE_DISK_FULL', message: expect.stringContaining('no space left in the workspace') as unknown },
      ]);
      expect(task.receipt?.outcome).toBe('work_saved');
      expect(savedFiles(scene.remote, taskId)).toStrictEqual(['README.md', 'done.txt']);
    });
  });
}
