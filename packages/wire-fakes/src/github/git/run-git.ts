import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';

/** How a git process ended. */
export interface GitRun {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Run git with nothing of the caller's configuration. `input` goes to its standard input. */
export async function runGit(
  args: readonly string[],
  more: { readonly input?: Buffer; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<GitRun> {
  const child = spawn('git', args, {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...more.environment,
    },
  });
  // What it did not read is no fault of ours: its exit code tells.
  child.stdin.on('error', () => undefined);
  child.stdin.end(more.input);
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
  const [stdout, stderr, exitCode] = await Promise.all([buffer(child.stdout), buffer(child.stderr), exited]);
  return { exitCode, stdout, stderr: stderr.toString() };
}
