import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AbcaError } from '@abca/core';
import * as z from 'zod';
import { lockFolder, type FolderLock } from './folder-lock.ts';

const secretsSchema = z.object({
  /** Key id that the AWS clients of this installation sign with. Whoever does not know it is refused. */
  accessKeyId: z.string().min(16),
});

const stateSchema = z.object({
  /** Process that runs the platform, or ran it last. */
  pid: z.number().int(),
  /** Address of the HTTP API. */
  url: z.string(),
  /** Taken again at the next start, so that sessions that outlived the platform find it. */
  ports: z.object({
    api: z.number().int(),
    dynamodb: z.number().int(),
    lambda: z.number().int(),
    model: z.number().int().optional(),
    feed: z.number().int().optional(),
  }),
});

/** What a platform leaves for its next start and for the command line. */
export type PlatformState = z.infer<typeof stateSchema>;

/** The folder in which a platform keeps everything, held by this process. */
export interface DataFolder {
  readonly dir: string;
  readonly databaseFile: string;
  readonly sessionsDir: string;
  readonly accessKeyId: string;
  readonly token: string;
  /** As the last platform on this folder left it. */
  readonly previous: PlatformState | undefined;
  writeState(state: PlatformState): void;
  release(): Promise<void>;
}

/**
 * Open or make the folder, readable by its owner alone.
 *
 * @param token the caller's; absent: the folder's own, made at first use
 * @throws AbcaError DATA_FOLDER_LOCKED, DATA_FOLDER_CORRUPT
 */
export async function openDataFolder(dir: string, token?: string): Promise<DataFolder> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const stateFile = join(dir, 'platform.json');
  const lock: FolderLock = await lockFolder(dir, () => holderText(stateFile));
  try {
    const previous = readJson(stateFile, stateSchema);
    return {
      dir,
      databaseFile: join(dir, 'database.sqlite'),
      sessionsDir: join(dir, 'sessions'),
      accessKeyId: ensureSecrets(join(dir, 'secrets.json')).accessKeyId,
      token: ensureToken(join(dir, 'token'), token),
      previous,
      writeState: (state) => {
        writePrivate(stateFile, `${JSON.stringify(state, null, 2)}\n`);
      },
      release: () => lock.release(),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function holderText(stateFile: string): string {
  try {
    const state = readJson(stateFile, stateSchema);
    return state === undefined ? '' : ` (process ${String(state.pid)}, ${state.url})`;
  } catch {
    return '';
  }
}

function ensureSecrets(file: string): z.infer<typeof secretsSchema> {
  const known = readJson(file, secretsSchema);
  if (known !== undefined) return known;
  // Of a form that the redaction knows.
  const secrets = { accessKeyId: `abca-local-key-${randomBytes(16).toString('hex')}` };
  writePrivate(file, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

function ensureToken(file: string, given: string | undefined): string {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  const token = given ?? (kept || `abca-token-${randomBytes(24).toString('base64url')}`);
  if (token !== kept) writePrivate(file, `${token}\n`);
  return token;
}

function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new AbcaError(
      'DATA_FOLDER_CORRUPT',
      `${file} cannot be read: ${(error as Error).message}; move it away and start again`,
      { cause: error },
    );
  }
}

/** Whole or not at all, and for the owner's eyes only. */
function writePrivate(file: string, text: string): void {
  const draft = `${file}.${String(process.pid)}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
