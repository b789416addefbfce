import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { addRepo, type ApiAddress } from '../support/api.ts';
import { makeRemote } from '../support/remote.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** `bgagent` as it is shipped: the launcher and its bundle. */
export const bgagent = join(root, 'packages/cli/bin/bgagent.mjs');
/** The orchestrator as it is deployed. */
export const orchestratorBundle = join(root, 'packages/app-orchestrator/bundle/orchestrator.mjs');
/** The consumer of the events stream as it is deployed. */
export const fanOutBundle = join(root, 'packages/app-events/bundle/fan-out/fan-out.mjs');

/** Name of the repository that is onboarded. */
export const repo = 'acme/shop';

/** `bgagent up` in a process of its own, with one repository onboarded. */
export interface BundledPlatform extends ApiAddress {
  readonly dir: string;
  readonly dataDir: string;
  readonly pid: number;
  /** End it in order and remove its folder. */
  stop(): Promise<void>;
}

/** What a platform is started with. */
export interface PlatformChoice {
  /** Launcher to run. Default: {@link bgagent}. */
  readonly launcher?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Script of the model, as JSON. */
  readonly script?: unknown;
}

/** Start `bgagent up` on a new folder, with the Node that runs this. It ends with this process, however that ends. */
export async function startBundledPlatform(choice: PlatformChoice = {}): Promise<BundledPlatform> {
  const { launcher = bgagent, files, script } = choice;
  const dir = mkdtempSync(join(tmpdir(), 'abca-bench-'));
  const dataDir = join(dir, 'data');
  const remote = makeRemote(dir, files);
  const model = join(dir, 'script.json');
  if (script !== undefined) writeFileSync(model, JSON.stringify(script));
  const flags = ['--data-dir', dataDir, ...(script === undefined ? [] : ['--model-script', model])];
  const child = spawn(process.execPath, [launcher, 'up', ...flags], {
    cwd: dir,
    env: { PATH: process.env['PATH'], HOME: dir },
    // The channel tells the program when this process is gone.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let log = '';
  (child.stderr as Readable).on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-10_000)));
  const ended = new Promise<undefined>((resolve) =>
    child.once('exit', () => {
      resolve(undefined);
    }),
  );
  const lines = createInterface(child.stdout as Readable);
  const url = await Promise.race([new Promise<string>((resolve) => lines.once('line', resolve)), ended]);
  if (url === undefined) throw new Error(`the platform did not start:\n${log}`);
  const token = readFileSync(join(dataDir, 'token'), 'utf8').trim();
  const api = { url: url.trim(), token };
  await addRepo(api, repo, remote.path);
  return {
    ...api,
    dir,
    dataDir,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The database's process, as the platform notes it beside the file. */
export function databasePid({ dataDir }: BundledPlatform): number {
  const record = JSON.parse(readFileSync(join(dataDir, 'database.sqlite.owner.json'), 'utf8')) as {
    child: { pid: number };
  };
  return record.child.pid;
}

/**
 * The bundles of `bgagent` beside another agent program: the platform looks its agent up as an entry of the installed
 * package `@abca/app-agent`, so another one beside a copy of the bundle changes the agent and nothing else.
 *
 * @returns the launcher
 */
export function installWithNoopAgent(): string {
  const agent = join(root, 'e2e/dist/noop-agent/agent.mjs');
  if (!existsSync(agent)) throw new Error(`${agent} is missing; build it with: npx nx noop-agent e2e`);
  const install = join(root, 'e2e/dist/noop-install');
  const agentPackage = join(install, 'node_modules/@abca/app-agent');
  rmSync(install, { recursive: true, force: true });
  mkdirSync(agentPackage, { recursive: true });
  for (const part of ['bin', 'bundle']) {
    cpSync(join(root, 'packages/cli', part), join(install, part), { recursive: true });
  }
  cpSync(agent, join(agentPackage, 'agent.mjs'));
  writeFileSync(join(agentPackage, 'package.json'), JSON.stringify({ exports: { './program': './agent.mjs' } }));
  return join(install, 'bin/bgagent.mjs');
}
