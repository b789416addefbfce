import { constants } from 'node:os';
import type { SessionStatus } from '@abca/core';
import type { Proc } from '../process/proc.ts';
import { isLeaderAlive } from '../process/session-processes.ts';
import type { LocalSessionHandle } from './local-session-handle.ts';
import { findExit, type ExitRecord, type SessionFolder } from './session-folder.ts';

/** What this machine shows of a session. */
export async function readStatus(
  proc: Proc,
  folder: SessionFolder,
  handle: LocalSessionHandle,
): Promise<SessionStatus> {
  const ended = await findExit(folder);
  if (ended) return describeExit(ended);
  if (await isLeaderAlive(proc, handle)) return { kind: 'running' };
  // The record is written before the leader ends: it may have come between the two looks.
  const late = await findExit(folder);
  return late ? describeExit(late) : { kind: 'failed', error: 'session ended without a record' };
}

/** An exit record as a status. A shell reports a program that a signal ended as 128 plus the signal's number. */
export function describeExit(record: ExitRecord): SessionStatus {
  switch (record.kind) {
    case 'stopped':
      return { kind: 'failed', error: 'session was stopped' };
    case 'owner_gone':
      return { kind: 'failed', error: 'session ended with the platform that owned it' };
    case 'exited':
      return record.code === 0 ? { kind: 'completed' } : { kind: 'failed', error: describeCode(record.code) };
    default:
      return record satisfies never;
  }
}

function describeCode(code: number): string {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  if (signal !== undefined) return `exit code ${String(code)} (${signal})`;
  return code === 127 ? 'exit code 127: the agent program was not found' : `exit code ${String(code)}`;
}
