import { spawn, type ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Duplex, Readable } from 'node:stream';
import { AbcaError } from '@abca/core';
import { errnoOf } from '../process/errno.ts';
import { findClaim, makeSessionFolder, type SessionClaim, type SessionFolder } from './session-folder.ts';
import { sessionLeader } from './session-leader.ts';

/** What is started. */
export interface SessionProgram {
  readonly folder: SessionFolder;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the session ends with this process. */
  readonly owned: boolean;
}

/**
 * Start the session's leader unless one has claimed the session, and answer who claimed it.
 *
 * Whatever moment this process dies at, a repeated call finds the claim, or starts a leader of which only one can claim.
 *
 * @throws AbcaError SESSION_START_FAILED
 */
export async function startLeader(program: SessionProgram): Promise<SessionClaim> {
  const { folder } = program;
  try {
    const before = await findClaim(folder);
    if (before) return before;
    await makeSessionFolder(folder);
    const ended = await runToClaim(program);
    const claim = await findClaim(folder);
    if (claim) return claim;
    throw new AbcaError('SESSION_START_FAILED', `session did not start: ${ended}; see ${folder.log}`, {
      retryable: true,
    });
  } catch (error) {
    throw mapStartError(error);
  }
}

/** Resolves when the leader has claimed the session or ended, with how it ended for the message. */
async function runToClaim(program: SessionProgram): Promise<string> {
  const log = await open(program.folder.log, 'a', 0o600);
  try {
    const child = spawnLeader(program, log.fd);
    const decided = child.stdio[3] as Readable;
    return await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      decided.once('error', reject);
      decided.once('close', () => {
        resolve(`its leader ended with ${String(child.exitCode ?? child.signalCode ?? 'no claim')}`);
      });
      decided.resume();
    });
  } finally {
    await log.close();
  }
}

/** Ends of the pipes that owned sessions watch. Held here: one that is collected would end its session. */
const ownerPipes = new Set<Duplex>();

function spawnLeader(program: SessionProgram, logFd: number): ChildProcess {
  const { folder, owned } = program;
  const args = ['-c', sessionLeader, 'abca-session', folder.root, owned ? 'owned' : 'free', ...program.command];
  const child = spawn('/bin/sh', args, {
    cwd: folder.workspace,
    env: { ...program.environment },
    detached: true,
    // Output goes to a file, not to a pipe: a session writes on when the platform is gone.
    stdio: ['ignore', logFd, logFd, 'pipe', owned ? 'pipe' : 'ignore'],
  });
  child.unref();
  const pipe = child.stdio[4] as Duplex | null | undefined;
  if (pipe) keepOpen(child, pipe);
  return child;
}

function keepOpen(child: ChildProcess, pipe: Duplex): void {
  ownerPipes.add(pipe);
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  pipe.on('error', () => undefined);
  child.once('exit', () => {
    ownerPipes.delete(pipe);
    pipe.destroy();
  });
}

/** Shortage passes; what is missing or forbidden stays so. */
const passing = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT']);

function mapStartError(error: unknown): AbcaError {
  if (AbcaError.is(error)) return error;
  const message = `session did not start: ${error instanceof Error ? error.message : String(error)}`;
  return new AbcaError('SESSION_START_FAILED', message, { retryable: passing.has(errnoOf(error) ?? ''), cause: error });
}
