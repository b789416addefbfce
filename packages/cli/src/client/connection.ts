import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CliError, exitCodes, usageError } from '../errors/cli-error.ts';

/** How a platform is reached. */
export interface Connection {
  /** Address without a trailing slash. */
  readonly url: string;
  /** Absent: requests are sent without, and the platform refuses most of them. */
  readonly token?: string;
  /** Where it was found, for messages. */
  readonly source: string;
}

/** Where a platform is looked for. */
export interface ConnectionQuery {
  readonly flags: { readonly url?: string; readonly token?: string; readonly dataDir?: string };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * The platform that is meant: `--url` and `--token`, then ABCA_URL and ABCA_TOKEN, then the one whose data folder is found
 * (`--data-dir`, ABCA_DATA_DIR, else `.abca` from the current folder upwards).
 *
 * @throws CliError PLATFORM_NOT_FOUND, or USAGE for an address that is none
 */
export function findConnection(query: ConnectionQuery): Connection {
  const { flags, env } = query;
  const given = flags.url ?? nonEmpty(env['ABCA_URL']);
  const token = flags.token ?? nonEmpty(env['ABCA_TOKEN']);
  const dataDir = findDataDir(query);
  const folder = dataDir === undefined ? undefined : readFolder(dataDir);
  if (given !== undefined) {
    const url = parseUrl(given);
    // The folder's token goes to the folder's platform only, never to an address from elsewhere.
    const known = token ?? (folder?.url === url ? folder.token : undefined);
    return {
      url,
      source: flags.url === undefined ? 'ABCA_URL' : '--url',
      ...(known !== undefined && { token: known }),
    };
  }
  if (dataDir === undefined || folder === undefined) throw notFound(query, dataDir);
  const known = token ?? folder.token;
  return { url: folder.url, source: dataDir, ...(known !== undefined && { token: known }) };
}

/** The data folder that is meant, whether or not a platform runs on it. `undefined` when there is none. */
export function findDataDir({ flags, env, cwd }: ConnectionQuery): string | undefined {
  const named = flags.dataDir ?? nonEmpty(env['ABCA_DATA_DIR']);
  if (named !== undefined) return resolve(cwd, named);
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = dataDirIn(folder);
    if (found !== undefined) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

function dataDirIn(folder: string): string | undefined {
  const configured = readJson(join(folder, 'abca.json'))?.['dataDir'];
  if (typeof configured === 'string' && configured !== '') return resolve(folder, configured);
  const usual = join(folder, '.abca');
  return existsSync(join(usual, 'platform.json')) ? usual : undefined;
}

/** What a platform leaves in its folder once it is up. `undefined` when none ever was. */
function readFolder(dataDir: string): { readonly url: string; readonly token?: string } | undefined {
  const url = readJson(join(dataDir, 'platform.json'))?.['url'];
  if (typeof url !== 'string') return undefined;
  const token = readText(join(dataDir, 'token'))?.trim();
  return { url: parseUrl(url), ...(token !== undefined && token !== '' && { token }) };
}

function notFound({ cwd }: ConnectionQuery, dataDir: string | undefined): CliError {
  const where =
    dataDir === undefined ? `no .abca folder in ${cwd} or above it` : `no platform was ever started on ${dataDir}`;
  return new CliError('PLATFORM_NOT_FOUND', `no platform found: ${where}`, {
    exitCode: exitCodes.error,
    suggestion: 'start one with: bgagent up; or name one with --url and --token',
  });
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usageError(`the address of the platform is not a URL: "${text}"`, 'write it as http://127.0.0.1:4000');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function readJson(file: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readText(file) ?? 'null');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
