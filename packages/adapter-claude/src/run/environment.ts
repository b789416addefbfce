import type { AgentRunInput } from '@abca/core';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelSettings } from '../model-settings.ts';

/** Names that may come from the environment of this process. No other does. */
const inherited = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ'] as const;

/** Marks every process of a run, so that all of them can be found and ended. */
export const runMarkName = 'ABCA_RUN_MARK';

/** What the environments of a run are made from. */
export interface EnvironmentInput {
  readonly settings: ModelSettings;
  readonly input: AgentRunInput;
  /** Address of the relay to the model. */
  readonly modelUrl: string;
  readonly mark: string;
  /** Where the allow-listed names are read. */
  readonly host: Readonly<Record<string, string | undefined>>;
  readonly maxRetries: number;
}

/**
 * The whole environment of the SDK's program. It holds no credential: the model is reached through the relay, which adds
 * it. What is switched off here is what would contact anything but the model, or talk to other runs on the machine.
 */
export function programEnvironment(source: EnvironmentInput): Record<string, string> {
  const { settings, input, modelUrl, maxRetries } = source;
  return {
    ...shellEnvironment(source),
    ...providerEnvironment(settings, modelUrl),
    SHELL: '/bin/bash',
    CLAUDE_CONFIG_DIR: join(input.homeDir, '.claude'),
    CLAUDE_CODE_TMPDIR: temporaryFolder(input.homeDir),
    CLAUDE_CODE_SHELL_PREFIX: shellWrapper(input.homeDir),
    CLAUDE_CODE_MAX_RETRIES: String(maxRetries),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    ENABLE_TOOL_SEARCH: 'false',
  };
}

/** The whole environment of the agent's shell. Without anything of the model's, and without what the SDK adds. */
export function shellEnvironment({ input, mark, host }: EnvironmentInput): Record<string, string> {
  const base = inherited.flatMap((name) => (host[name] ? [[name, host[name]] as const] : []));
  return {
    ...Object.fromEntries(base),
    ...input.shellEnvironment,
    HOME: input.homeDir,
    TMPDIR: temporaryFolder(input.homeDir),
    [runMarkName]: mark,
  };
}

/**
 * Prepares the run's HOME: its folder for temporary files and the wrapper through which the SDK starts each shell. The
 * SDK hands its own environment down to the agent's shell; the wrapper replaces it by {@link shellEnvironment}.
 */
export async function prepareHome(source: EnvironmentInput): Promise<void> {
  const { homeDir } = source.input;
  await mkdir(temporaryFolder(homeDir), { recursive: true });
  await writeFile(shellWrapper(homeDir), wrapperScript(shellEnvironment(source)), { mode: 0o700 });
  await chmod(shellWrapper(homeDir), 0o700);
}

/**
 * The wrapper's text: an exact environment, then the command it was given. Bash reads `.bashrc` also without a terminal
 * when its input is a socket, as that of a child of Node is, and takes it for a login from the network.
 */
export function wrapperScript(environment: Readonly<Record<string, string>>): string {
  const assignments = Object.entries(environment)
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'`);
  return `#!/bin/sh\nexec env -i ${assignments.join(' ')} bash --norc --noprofile -c "$1"\n`;
}

function providerEnvironment(settings: ModelSettings, modelUrl: string): Record<string, string> {
  if (settings.provider !== 'bedrock') return { ANTHROPIC_BASE_URL: modelUrl, ANTHROPIC_API_KEY: 'the-relay-adds-it' };
  return {
    CLAUDE_CODE_USE_BEDROCK: '1',
    CLAUDE_CODE_SKIP_BEDROCK_AUTH: '1',
    ANTHROPIC_BEDROCK_BASE_URL: modelUrl,
    AWS_REGION: settings.region,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

function temporaryFolder(homeDir: string): string {
  return join(homeDir, 'tmp');
}

function shellWrapper(homeDir: string): string {
  return join(homeDir, '.agent-shell');
}
