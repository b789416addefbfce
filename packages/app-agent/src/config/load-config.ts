import { isAbsolute, join } from 'node:path';
import { AbcaError, limits, logLevels, parseEnvironment, sessionEnvironmentSchema, type LogLevel } from '@abca/core';
import * as z from 'zod';
import type { Session } from '../session/session.ts';

const absolutePath = z.string().refine(isAbsolute, 'must be an absolute path');

/** What is said of a lease that is too short. */
export const shortLease = {
  path: ['ABCA_LEASE_MS'],
  message: 'must be at least twice ABCA_HEARTBEAT_MS, or one lost heartbeat ends the session',
};

/** The environment of the agent program: what core tells every session, and what the machine gives each program. */
const agentEnvironmentSchema = sessionEnvironmentSchema
  .extend({
    PATH: z.string().min(1),
    HOME: absolutePath,
    /** Folder for checkouts. Default: `workspace` in HOME, as the program's own folder is read-only in its image. */
    ABCA_WORKSPACE_DIR: absolutePath.optional(),
    ABCA_LOG_LEVEL: z.enum(logLevels).optional(),
  })
  .refine(outlastsHeartbeats, shortLease);
type AgentEnvironment = z.infer<typeof agentEnvironmentSchema>;

/** What the program is run with, checked at once. */
export interface AgentConfig<ModelSettings> {
  readonly session: Session;
  readonly tablePrefix: string;
  readonly region: string;
  readonly dynamoDbEndpoint: string | undefined;
  readonly lambdaEndpoint: string | undefined;
  /** Where decisions are told of at once; without it they are found by polling. */
  readonly feedUrl: string | undefined;
  /** Key id that local services ask for. Without it the AWS SDK's own chain of credentials is used. */
  readonly localAccessKeyId: string | undefined;
  /** Function that gives tokens for the forge. Absent: the repository needs none. */
  readonly credentialsFunction: string | undefined;
  /** API of the GitHub that it gives tokens for. Absent: github.com's. */
  readonly gitHubUrl: string | undefined;
  readonly pathEnv: string;
  /** HOME of the platform's own git processes: nothing of the agent's. */
  readonly gitHomeDir: string;
  readonly logLevel: LogLevel;
  readonly model: ModelSettings;
}

/**
 * The configuration of the program. All of it is looked at before anything is refused.
 *
 * @param parseModel reads the settings of the model from the same environment
 * @throws AbcaError CONFIG_INVALID with every problem, and no value
 */
export function loadConfig<ModelSettings>(
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly parseModel: (env: Readonly<Record<string, string | undefined>>) => ModelSettings },
): AgentConfig<ModelSettings> {
  const own = attempt(() => parseEnvironment('the agent session', agentEnvironmentSchema, env));
  const model = attempt(() => options.parseModel(env));
  if ('value' in own && 'value' in model) return toConfig(own.value, model.value);
  const problems = [own, model].flatMap((part) => ('problem' in part ? [part.problem] : []));
  throw new AbcaError('CONFIG_INVALID', problems.join('\n'));
}

type Attempt<T> = { readonly value: T } | { readonly problem: string };

function attempt<T>(parse: () => T): Attempt<T> {
  try {
    return { value: parse() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function toConfig<ModelSettings>(env: AgentEnvironment, model: ModelSettings): AgentConfig<ModelSettings> {
  return {
    session: sessionOf(env),
    tablePrefix: env.ABCA_TABLE_PREFIX,
    region: env.AWS_REGION,
    dynamoDbEndpoint: env.ABCA_DYNAMODB_ENDPOINT,
    lambdaEndpoint: env.ABCA_LAMBDA_ENDPOINT,
    feedUrl: env.ABCA_FEED_URL,
    localAccessKeyId: env.ABCA_ACCESS_KEY_ID,
    credentialsFunction: env.ABCA_CREDENTIALS_FUNCTION,
    gitHubUrl: env.ABCA_GITHUB_URL,
    pathEnv: env.PATH,
    gitHomeDir: join(env.HOME, 'git'),
    logLevel: env.ABCA_LOG_LEVEL ?? 'info',
    model,
  };
}

function sessionOf(env: AgentEnvironment): Session {
  return {
    taskId: env.ABCA_TASK_ID,
    sessionId: env.ABCA_SESSION_ID,
    generation: env.ABCA_GENERATION,
    heartbeatMs: heartbeatMsOf(env),
    leaseMs: leaseMsOf(env),
    workspaceDir: env.ABCA_WORKSPACE_DIR ?? join(env.HOME, 'workspace'),
    homeDir: join(env.HOME, 'agent'),
  };
}

/** Times of a session's environment. Absent: the limits. */
interface LeaseTimes {
  readonly ABCA_HEARTBEAT_MS?: number | undefined;
  readonly ABCA_LEASE_MS?: number | undefined;
}

/** Whether a lease lasts for two heartbeats, so that one may be lost. */
export function outlastsHeartbeats(env: LeaseTimes): boolean {
  return leaseMsOf(env) >= 2 * heartbeatMsOf(env);
}

function heartbeatMsOf(env: LeaseTimes): number {
  return env.ABCA_HEARTBEAT_MS ?? limits.heartbeatIntervalMs;
}

function leaseMsOf(env: LeaseTimes): number {
  return env.ABCA_LEASE_MS ?? limits.heartbeatLostMs;
}
