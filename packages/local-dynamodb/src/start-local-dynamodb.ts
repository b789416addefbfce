import { mkdtemp, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AbcaError } from '@abca/core';
import { findDynoxide } from './dynoxide-binary.ts';
import { findFreePort } from './free-port.ts';
import { endLeftover, removeOwnerRecord, writeOwnerRecord } from './owner-record.ts';
import { spawnOwned, type ChildExit, type OwnedChild } from './owned-child.ts';
import { whenReady } from './readiness.ts';
import { portInUse, startError } from './start-errors.ts';
import { stopChild } from './stop-child.ts';

/** Where and how the embedded DynamoDB runs. */
export interface LocalDynamoDbOptions {
  /** Database file; its folder is made. Absent: everything is in memory and gone with the process. */
  readonly dataFile?: string;
  /** Port on 127.0.0.1. Absent or 0: any free one. */
  readonly port?: number;
  /** Longest time until it must answer, in milliseconds. Default 10,000; it usually takes 50. */
  readonly readyTimeoutMs?: number;
  /** Path of the program. Default: the one from this machine's npm package. */
  readonly binary?: string;
  /** Ends the start early; the start then rejects with the signal's reason and nothing is left running. */
  readonly signal?: AbortSignal;
}

/** An embedded DynamoDB that runs. */
export interface LocalDynamoDb {
  /** Such as `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when it has ended, for whatever reason. Never rejects. */
  readonly exited: Promise<ChildExit>;
  /** End it and wait until it is gone. Idempotent. */
  stop(): Promise<void>;
}

/** Ports tried before giving up when any free one will do: each loses a race with another program. */
const portTries = 10;

/**
 * Start an embedded DynamoDB on loopback. It ends when this process ends, also by SIGKILL, and one that a killed process
 * left on the same file is ended first.
 *
 * @throws AbcaError UNSUPPORTED_PLATFORM, PORT_IN_USE, DATA_FOLDER_LOCKED when a living process serves the file,
 *   DATA_FOLDER_CORRUPT when the file is not a database that can be read, CHILD_PROCESS_FAILED otherwise
 */
export async function startLocalDynamoDb(options: LocalDynamoDbOptions = {}): Promise<LocalDynamoDb> {
  options.signal?.throwIfAborted();
  const binary = options.binary ?? findDynoxide();
  const dataFile = options.dataFile === undefined ? undefined : resolve(options.dataFile);
  if (dataFile !== undefined) {
    await mkdir(dirname(dataFile), { recursive: true });
    await endLeftover(dataFile);
  }
  const wanted = options.port ?? 0;
  for (let left = wanted === 0 ? portTries : 1; ; left -= 1) {
    const port = wanted === 0 ? await findFreePort() : wanted;
    try {
      return await startOn(port, { ...options, binary, dataFile });
    } catch (error) {
      if (left > 1 && AbcaError.is(error, 'PORT_IN_USE')) continue;
      throw error;
    }
  }
}

type Prepared = Omit<LocalDynamoDbOptions, 'dataFile'> & {
  readonly binary: string;
  readonly dataFile: string | undefined;
};

async function startOn(port: number, options: Prepared): Promise<LocalDynamoDb> {
  const child = await spawnDynoxide(port, options);
  const pid = await child.pid;
  try {
    await whenReady(child, { ...options, port });
    if (pid === undefined) throw portInUse(port);
    if (options.dataFile !== undefined) await writeOwnerRecord(options.dataFile, pid);
  } catch (error) {
    await stopChild(child, pid);
    throw startError(error, { port, dataFile: options.dataFile, exit: await child.exited });
  }
  return running(child, { pid, port, dataFile: options.dataFile });
}

async function spawnDynoxide(port: number, { binary, dataFile }: Prepared): Promise<OwnedChild> {
  return spawnOwned({
    file: binary,
    args: ['serve', '--port', String(port), ...(dataFile === undefined ? [] : ['--db-path', dataFile])],
    homeDir: dataFile === undefined ? await mkdtemp(join(tmpdir(), 'abca-dynamodb-')) : dirname(dataFile),
    removesHome: dataFile === undefined,
  });
}

function running(
  child: OwnedChild,
  { pid, port, dataFile }: { readonly pid: number; readonly port: number; readonly dataFile: string | undefined },
): LocalDynamoDb {
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await stopChild(child, pid);
    if (dataFile !== undefined) await removeOwnerRecord(dataFile);
  };
  return {
    endpoint: `http://127.0.0.1:${String(port)}`,
    port,
    pid,
    exited: child.exited,
    stop: () => (stopping ??= stop()),
  };
}
