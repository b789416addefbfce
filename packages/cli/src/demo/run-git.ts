import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { CliError } from '../errors/cli-error.ts';

/** How git is run: with nobody's configuration but its own. */
export interface GitRun {
  readonly cwd: string;
  /** PATH is taken from here and nothing else. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

const author = { NAME: 'ABCA demo', EMAIL: 'demo@abca.invalid' };

/** What git prints. @throws CliError when it is not there or fails */
export async function runGit(args: readonly string[], { cwd, env, input = '' }: GitRun): Promise<string> {
  const child = spawn('git', args, {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: env['PATH'] ?? '',
      HOME: cwd,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: author.NAME,
      GIT_AUTHOR_EMAIL: author.EMAIL,
      GIT_COMMITTER_NAME: author.NAME,
      GIT_COMMITTER_EMAIL: author.EMAIL,
    },
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const [code, out, problem] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
    if (code === 0) return out;
    throw new Error(problem.trim() || `it ended with ${String(code)}`);
  } catch (error) {
    throw new CliError('WORKSPACE_ERROR', `git ${args[0] ?? ''} failed: ${(error as Error).message}`, {
      suggestion: 'see whether git is installed with: bgagent doctor',
      cause: error,
    });
  }
}
