import { readFile, rm, writeFile } from 'node:fs/promises';
import { AbcaError } from '@abca/core';
import { findProcess, isAlive, type ProcessIdentity } from './process-identity.ts';
import { waitFor } from './wait-for.ts';

/** Who serves a data file. Kept beside it. */
interface OwnerRecord {
  readonly child: ProcessIdentity;
  readonly owner: ProcessIdentity;
}

const recordPath = (dataFile: string): string => `${dataFile}.owner.json`;

/** Note that this process serves `dataFile` by `childPid`. */
export async function writeOwnerRecord(dataFile: string, childPid: number): Promise<void> {
  const child = findProcess(childPid);
  const owner = findProcess(process.pid);
  if (child === undefined || owner === undefined) return;
  const record: OwnerRecord = { child: identityOf(child), owner: identityOf(owner) };
  await writeFile(recordPath(dataFile), JSON.stringify(record));
}

/** Forget who served `dataFile`. */
export async function removeOwnerRecord(dataFile: string): Promise<void> {
  await rm(recordPath(dataFile), { force: true });
}

/**
 * End what a killed owner left running on `dataFile`, and wait until it is gone: two writers would damage the file. A
 * process that merely has the number of the one that was noted is left alone.
 *
 * @throws AbcaError DATA_FOLDER_LOCKED when the owner lives, CHILD_PROCESS_FAILED when the leftover does not end
 */
export async function endLeftover(dataFile: string): Promise<void> {
  const record = await readOwnerRecord(dataFile);
  if (record === undefined) return;
  if (isDynoxide(record.child)) {
    if (isAlive(record.owner)) throw locked(dataFile, record.owner.pid);
    await endChild(record.child);
  }
  await removeOwnerRecord(dataFile);
}

async function endChild(child: ProcessIdentity): Promise<void> {
  kill(child.pid);
  const gone = await waitFor(() => !isAlive(child), { timeoutMs: 5_000, everyMs: 5 });
  if (gone) return;
  throw new AbcaError(
    'CHILD_PROCESS_FAILED',
    `the embedded DynamoDB of an earlier run does not end; end process ${String(child.pid)} by hand`,
  );
}

function isDynoxide(child: ProcessIdentity): boolean {
  return isAlive(child) && findProcess(child.pid)?.command === 'dynoxide';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between the look and the kill: what was wanted. A refusal shows in the wait.
  }
}

async function readOwnerRecord(dataFile: string): Promise<OwnerRecord | undefined> {
  try {
    return parseRecord(JSON.parse(await readFile(recordPath(dataFile), 'utf8')));
  } catch {
    // Absent, or half written by an owner that was killed meanwhile: its watchdog ends the child.
    return undefined;
  }
}

function parseRecord(value: unknown): OwnerRecord | undefined {
  const { child, owner } = value as Partial<Record<keyof OwnerRecord, unknown>>;
  return isIdentity(child) && isIdentity(owner) ? { child, owner } : undefined;
}

function isIdentity(value: unknown): value is ProcessIdentity {
  const { pid, startTicks } = (value ?? {}) as Partial<Record<keyof ProcessIdentity, unknown>>;
  return Number.isSafeInteger(pid) && (pid as number) > 1 && Number.isFinite(startTicks);
}

const identityOf = ({ pid, startTicks }: ProcessIdentity): ProcessIdentity => ({ pid, startTicks });

const locked = (dataFile: string, pid: number): AbcaError =>
  new AbcaError(
    'DATA_FOLDER_LOCKED',
    `the database ${dataFile} is in use by process ${String(pid)}; stop it, or choose another data folder`,
    { details: { pid } },
  );
