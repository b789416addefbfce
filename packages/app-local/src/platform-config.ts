import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AbcaError, limits } from '@abca/core';
import * as z from 'zod';
import { channelFields, channelProblems } from './channel-config.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const milliseconds = z.coerce.number().int().min(100);

/** What a platform on this machine can be told. Every field has a flag, an environment variable and a key in `abca.json`. */
const fields = {
  /** Folder of everything the platform keeps. */
  dataDir: z.string().min(1).default('.abca'),
  /** Address the HTTP API listens on. Anything but loopback asks for `token`. */
  host: z.string().min(1).default('127.0.0.1'),
  /** Port of the HTTP API. 0: any free one, the same again at the next start. */
  port: port.default(0),
  /** Token that callers of the HTTP API present. Default: a random one, kept in the data folder. */
  token: z.string().min(16, 'must have 16 characters or more').optional(),
  /** Script of the scripted model, a JSON file. Without it and without credentials the built-in one is used. */
  modelScript: z.string().min(1).optional(),
  /** Milliseconds between heartbeats of a session. */
  heartbeatMs: milliseconds.default(limits.heartbeatIntervalMs),
  /** Milliseconds of silence after which a session is looked after, and how long its lease lasts. */
  leaseMs: milliseconds.default(limits.heartbeatLostMs),
  /** Longest life of a session, milliseconds. */
  sessionMs: milliseconds.default(limits.sessionMs),
  /** Milliseconds a stopped session has to save its work before it is killed. */
  stopGraceMs: milliseconds.default(10_000),
  /** Milliseconds between two runs of the reconcilers. */
  reconcileMs: milliseconds.default(limits.reconcileMs),
  /** End all sessions with the platform, also when it is killed. Otherwise they outlive it by one lease at most. */
  ownSessions: z.stringbool().or(z.boolean()).default(false),
  ...channelFields,
} as const;

const configSchema = z.strictObject(fields).check((context) => {
  const { host, token, heartbeatMs, leaseMs } = context.value;
  if (!isLoopback(host) && token === undefined) {
    context.issues.push({
      code: 'custom',
      input: host,
      path: ['host'],
      message: `${host} can be reached from other machines: set a token too`,
    });
  }
  if (leaseMs < 2 * heartbeatMs) {
    context.issues.push({
      code: 'custom',
      input: leaseMs,
      path: ['leaseMs'],
      message: 'must be at least twice heartbeatMs, or one lost heartbeat ends a session',
    });
  }
  for (const { key, message } of channelProblems(context.value)) {
    // The value is left out: it may be a secret.
    context.issues.push({ code: 'custom', input: undefined, path: [key], message });
  }
});

/** Settings of a platform on this machine, checked. */
export type PlatformConfig = z.infer<typeof configSchema>;

/** The keys of {@link PlatformConfig}. */
export const platformConfigKeys = Object.keys(fields) as readonly (keyof PlatformConfig)[];

/** The environment variable of a setting: `stopGraceMs` → `ABCA_STOP_GRACE_MS`. */
export function environmentKey(key: keyof PlatformConfig): string {
  return `ABCA_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Where settings come from, the strongest first. */
export interface ConfigSources {
  readonly flags?: Readonly<Partial<Record<keyof PlatformConfig, unknown>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `abca.json` is looked for and relative paths start. */
  readonly cwd: string;
}

/**
 * Flags over environment over `abca.json` over defaults.
 *
 * @throws AbcaError CONFIG_INVALID with every problem at once
 */
export function loadPlatformConfig({ flags = {}, env, cwd }: ConfigSources): PlatformConfig {
  const fromEnv = Object.fromEntries(platformConfigKeys.map((key) => [key, env[environmentKey(key)]]));
  const merged = { ...readConfigFile(cwd), ...definedOnly(fromEnv), ...definedOnly(flags) };
  const parsed = configSchema.safeParse(merged);
  if (!parsed.success) {
    throw new AbcaError('CONFIG_INVALID', `the configuration is not valid:\n${z.prettifyError(parsed.error)}`);
  }
  const { dataDir, modelScript, githubAppKey } = parsed.data;
  return {
    ...parsed.data,
    dataDir: resolve(cwd, dataDir),
    ...(modelScript !== undefined && { modelScript: resolve(cwd, modelScript) }),
    ...(githubAppKey !== undefined && { githubAppKey: resolve(cwd, githubAppKey) }),
  };
}

/** Whether only this machine can reach `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function definedOnly(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
}

function readConfigFile(cwd: string): Record<string, unknown> {
  const file = join(cwd, 'abca.json');
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new AbcaError('CONFIG_INVALID', `${file} is not a JSON object: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
