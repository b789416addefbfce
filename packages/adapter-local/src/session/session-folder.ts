import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AbcaError } from '@abca/core';
import { errnoOf } from '../process/errno.ts';

/** Paths of one session. */
export interface SessionFolder {
  readonly root: string;
  /** HOME of the agent. */
  readonly home: string;
  /** Working folder of the agent; empty when it starts. */
  readonly workspace: string;
  readonly tmp: string;
  /** What the agent printed. */
  readonly log: string;
  /** Made once, by the process that is the session: `<pid> <start in ticks>`. */
  readonly claim: string;
  /** Made once, when the session ended: the exit code, or why there is none. */
  readonly exit: string;
}

export function sessionFolder(sessionsDir: string, sessionId: string): SessionFolder {
  const root = join(sessionsDir, sessionId);
  const at = (name: string): string => join(root, name);
  return {
    root,
    home: at('home'),
    workspace: at('workspace'),
    tmp: at('tmp'),
    log: at('agent.log'),
    claim: at('claim'),
    exit: at('exit'),
  };
}

export async function makeSessionFolder(folder: SessionFolder): Promise<void> {
  for (const path of [folder.root, folder.home, folder.workspace, folder.tmp]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
}

/** The process that is the session. */
export interface SessionClaim {
  readonly pid: number;
  readonly startedAtTicks: number;
}

/** `undefined` when nothing was started. @throws AbcaError SESSION_START_FAILED when it cannot be read */
export async function findClaim(folder: SessionFolder): Promise<SessionClaim | undefined> {
  const text = await readText(folder.claim);
  if (text === undefined) return undefined;
  const match = /^(\d+) (\d+)\n$/.exec(text);
  if (match) return { pid: Number(match[1]), startedAtTicks: Number(match[2]) };
  throw new AbcaError(
    'SESSION_START_FAILED',
    `session record is damaged: ${folder.claim}; remove the session's folder`,
  );
}

/** How a session ended. */
export type ExitRecord =
  { readonly kind: 'exited'; readonly code: number } | { readonly kind: 'stopped' } | { readonly kind: 'owner_gone' };

/** `undefined` while there is no record. */
export async function findExit(folder: SessionFolder): Promise<ExitRecord | undefined> {
  const text = (await readText(folder.exit))?.trim();
  if (text === undefined) return undefined;
  if (text === 'stopped') return { kind: 'stopped' };
  if (text === 'owner-gone') return { kind: 'owner_gone' };
  return /^\d{1,3}$/.test(text) ? { kind: 'exited', code: Number(text) } : undefined;
}

/** Record that the session was ended by us, unless it left a record itself. */
export async function recordStopped(folder: SessionFolder): Promise<void> {
  if ((await readText(folder.exit)) !== undefined) return;
  // A name of its own: several may stop a session at once.
  const draft = `${folder.exit}.${randomUUID()}`;
  await writeFile(draft, 'stopped\n');
  await rename(draft, folder.exit);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
