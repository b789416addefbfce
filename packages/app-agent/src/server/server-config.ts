import { logLevels, parseEnvironment, type LogLevel } from '@abca/core';
import * as z from 'zod';
import type { ListenAddress } from './serve-agent.ts';

const serverEnvironmentSchema = z.object({
  /** AgentCore asks for 8080. 0: any free one, which the log tells. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** AgentCore asks for every address of the container. */
  HOST: z.string().default('0.0.0.0'),
  ABCA_LOG_LEVEL: z.enum(logLevels).default('info'),
});

/** What the server is run with, before any session is. */
export interface ServerConfig {
  readonly address: ListenAddress;
  readonly logLevel: LogLevel;
}

/** @throws AbcaError CONFIG_INVALID */
export function loadServerConfig(env: Readonly<Record<string, string | undefined>>): ServerConfig {
  const parsed = parseEnvironment('the agent server', serverEnvironmentSchema, env);
  return { address: { host: parsed.HOST, port: parsed.PORT }, logLevel: parsed.ABCA_LOG_LEVEL };
}
