import { spawnSync } from 'node:child_process';
import { submit } from '../support/api.ts';
import { whenEnded } from '../support/api.ts';
import { bgagent, installWithNoopAgent, repo, startBundledPlatform } from './bundled-platform.ts';
import type { Measurement } from './figure.ts';
import { median } from './statistics.ts';

const tasks = 20;

/** What a person waits for at a prompt. */
export const measureCli: Measurement = {
  name: 'cli',
  how:
    'Wall clock of the process, from its start to its end, run as `node bgagent.mjs …` with the bundle and its output in a ' +
    `pipe. \`list\` shows ${String(tasks)} tasks of a running platform. Node itself is measured in turn with them, with an empty program.`,
  async measure({ runs }) {
    const platform = await startBundledPlatform({ launcher: installWithNoopAgent() });
    try {
      const submitted = await Promise.all(Array.from({ length: tasks }, () => submit(platform, { repo })));
      for (const { task_id: taskId } of submitted) await whenEnded(platform, taskId);
      const list = ['list', '--data-dir', platform.dataDir];
      const times = { node: [] as number[], help: [] as number[], list: [] as number[] };
      for (let run = 0; run < runs; run += 1) {
        times.node.push(timeNode(platform.dir, ['-e', '0']));
        times.help.push(timeNode(platform.dir, [bgagent, '--help']));
        times.list.push(timeNode(platform.dir, [bgagent, ...list]));
      }
      const madeOf = `Node alone takes ${median(times.node).toFixed(0)} ms to start and end`;
      return [
        { id: 'cli-help', what: '`bgagent --help`', unit: 'ms', runs: times.help, target: { atMost: 150 }, madeOf },
        { id: 'cli-list', what: '`bgagent list`', unit: 'ms', runs: times.list, target: { atMost: 250 }, madeOf },
        { id: 'cli-node', what: 'Node with an empty program', unit: 'ms', runs: times.node },
      ];
    } finally {
      await platform.stop();
    }
  },
};

function timeNode(cwd: string, args: readonly string[]): number {
  const startMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: cwd },
  });
  const tookMs = performance.now() - startMs;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  return tookMs;
}
