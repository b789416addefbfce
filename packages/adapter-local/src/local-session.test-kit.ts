import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { mintSessionId, type Clock, type StartSessionInput, type StoredHandle, type TaskId } from '@abca/core';
import { LocalComputeStrategy, type LocalComputeOptions } from './local-compute-strategy.ts';
import { Proc } from './process/proc.ts';

export const run = promisify(execFile);

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms, options) =>
    sleep(ms, undefined, options).catch((error: unknown) => {
      options?.signal?.throwIfAborted();
      throw error;
    }),
};

/** Counts its start, then waits until it is told an exit code. */
export const waitingAgent = `
mkfifo "$HOME/end"
echo started >> "$HOME/starts"
read -r code < "$HOME/end"
exit "$code"
`;

/** A session without an owner pipe must not outlive a killed test run either: it looks for the run itself. */
const endWithTheTests = '(while kill -0 "$TEST_OWNER_PID" 2> /dev/null; do sleep 1; done; kill -KILL 0) & ';

/** Look until `probe` answers something. @throws after fifteen seconds */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> {
  const endMs = Date.now() + 15_000;
  while (Date.now() < endMs) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    await sleep(5);
  }
  throw new Error(`did not happen: ${what}`);
}

/** Sessions in a temporary folder. */
export interface LocalWorld {
  readonly root: string;
  readonly sessionsDir: string;
  readonly options: LocalComputeOptions;
  readonly strategy: LocalComputeStrategy;
  another(more?: Partial<LocalComputeOptions>): LocalComputeStrategy;
  /** Content of a file in the session's folder, once it is there and not empty. */
  read(sessionId: string, path: string): Promise<string>;
  /** Stop all sessions that `handles` of this world were seen of, and remove the folder. */
  close(): Promise<void>;
}

export function anInput(more: Partial<StartSessionInput> = {}): StartSessionInput {
  const taskId = '01J00000000000000000000001' as TaskId;
  return { taskId, sessionId: mintSessionId(taskId, 1), generation: 1, compute: {}, environment: {}, ...more };
}

/** @param script what the agent is, for /bin/sh */
export async function createLocalWorld(
  script = waitingAgent,
  more: Partial<LocalComputeOptions> = {},
): Promise<LocalWorld> {
  const root = await mkdtemp(join(tmpdir(), 'abca-local-'));
  const sessionsDir = join(root, 'sessions');
  const options: LocalComputeOptions = {
    sessionsDir,
    command: ['/bin/sh', '-c', more.ownerPipe === false ? endWithTheTests + script : script],
    pathEnv: process.env['PATH'] ?? '',
    stopGraceMs: 2_000,
    // A session must not outlive a test run that is killed.
    ownerPipe: true,
    clock: systemClock,
    ...more,
    extraEnv: { ...more.extraEnv, TEST_OWNER_PID: String(process.pid) },
  };
  const handles: StoredHandle[] = [];
  const another = (changes: Partial<LocalComputeOptions> = {}): LocalComputeStrategy => {
    const strategy = new LocalComputeStrategy({ ...options, ...changes });
    const start = strategy.startSession.bind(strategy);
    strategy.startSession = async (...args) => {
      const handle = await start(...args);
      handles.push(handle);
      return handle;
    };
    return strategy;
  };
  return {
    root,
    sessionsDir,
    options,
    strategy: another(),
    another,
    read: (sessionId, path) =>
      eventually(`${path} of ${sessionId}`, () => readText(join(sessionsDir, sessionId, path))),
    close: async () => {
      const stopper = new LocalComputeStrategy({ ...options, stopGraceMs: 0 });
      await Promise.all(handles.map((handle) => stopper.stopSession(handle)));
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** `undefined` when the file is not there or empty. */
export async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text || undefined,
    () => undefined,
  );
}

/** Make a {@link waitingAgent} end. */
export async function endAgent(world: LocalWorld, handle: StoredHandle, exitCode: number): Promise<void> {
  await world.read(handle.sessionId, 'home/starts');
  await writeFile(join(world.sessionsDir, handle.sessionId, 'home', 'end'), `${String(exitCode)}\n`);
  await eventually('the session ends', async () => (await world.strategy.pollSession(handle)).kind !== 'running');
}

/** Whether a process runs. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await new Proc().find(pid))?.alive ?? false;
}
