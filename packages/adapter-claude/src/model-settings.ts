import { AbcaError } from '@abca/core';
import * as z from 'zod';

const modelName = z.string().min(1).optional();

/** Which model the agent runs on. The union is closed: each member needs other credentials and another address. */
export const modelSettingsSchema = z.discriminatedUnion('provider', [
  /** A server of `@abca/scripted-model`, or any other that asks for no key. */
  z.strictObject({ provider: z.literal('scripted'), baseUrl: z.url() }),
  z.strictObject({
    provider: z.literal('anthropic'),
    apiKey: z.string().min(1),
    baseUrl: z.url().default('https://api.anthropic.com'),
    model: modelName,
  }),
  z.strictObject({
    provider: z.literal('bedrock'),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'not an AWS region'),
    model: modelName,
    /** Default: the address of Bedrock in `region`. */
    baseUrl: z.url().optional(),
    /** A Bedrock API key. Takes the place of `credentials`. */
    bearerToken: z.string().min(1).optional(),
    /** Default: the AWS credential chain of this process (environment, profile, role of the container). */
    credentials: z
      .strictObject({
        accessKeyId: z.string().min(1),
        secretAccessKey: z.string().min(1),
        sessionToken: z.string().min(1).optional(),
      })
      .optional(),
  }),
]);

/** One of: scripted, the Anthropic API, Amazon Bedrock. */
export type ModelSettings = z.output<typeof modelSettingsSchema>;

/** The names that {@link parseModelSettings} reads. */
export const modelEnvironmentNames = {
  /** `scripted`, `anthropic` or `bedrock`. Without it: by what else is set, in the order below. */
  provider: 'ABCA_MODEL_PROVIDER',
  /** The model's name as the provider knows it. Without it: the SDK's default. */
  model: 'ABCA_MODEL',
  /** Read when `ABCA_MODEL` is not set. */
  anthropicModel: 'ANTHROPIC_MODEL',
  apiKey: 'ANTHROPIC_API_KEY',
  baseUrl: 'ANTHROPIC_BASE_URL',
  useBedrock: 'CLAUDE_CODE_USE_BEDROCK',
  region: 'AWS_REGION',
  /** Read when `AWS_REGION` is not set. */
  defaultRegion: 'AWS_DEFAULT_REGION',
  bearerToken: 'AWS_BEARER_TOKEN_BEDROCK',
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
  scriptedUrl: 'ABCA_SCRIPTED_MODEL_URL',
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The model that `env` asks for: what `ABCA_MODEL_PROVIDER` says, else Anthropic when there is a key, else Bedrock when
 * `CLAUDE_CODE_USE_BEDROCK` is 1, else the scripted model when its address is given. Empty values count as absent.
 *
 * @throws AbcaError CONFIG_INVALID naming every value that is missing or wrong; never showing one.
 */
export function parseModelSettings(env: Environment): ModelSettings {
  const names = modelEnvironmentNames;
  const read = (name: string): string | undefined => env[name]?.trim() || undefined;
  const provider = read(names.provider) ?? guessProvider(read);
  if (provider === undefined) {
    throw new AbcaError(
      'CONFIG_INVALID',
      `no model is configured: set ${names.apiKey}, ${names.useBedrock}=1 or ${names.scriptedUrl}`,
    );
  }
  const parsed = modelSettingsSchema.safeParse(fieldsOf(provider, read));
  if (parsed.success) return parsed.data;
  throw new AbcaError('CONFIG_INVALID', `model settings are not valid: ${z.prettifyError(parsed.error)}`);
}

/** How people are told which model `settings` stand for. */
export function describeModel(settings: ModelSettings): string {
  switch (settings.provider) {
    case 'scripted':
      return 'scripted';
    case 'anthropic':
      return settings.model ?? 'claude (default model)';
    case 'bedrock':
      return `${settings.model ?? 'claude (default model)'} on Bedrock`;
    default:
      return settings satisfies never;
  }
}

type Read = (name: string) => string | undefined;

function guessProvider(read: Read): string | undefined {
  if (read(modelEnvironmentNames.apiKey)) return 'anthropic';
  if (read(modelEnvironmentNames.useBedrock) === '1') return 'bedrock';
  return read(modelEnvironmentNames.scriptedUrl) ? 'scripted' : undefined;
}

function fieldsOf(provider: string, read: Read): Record<string, unknown> {
  const names = modelEnvironmentNames;
  const model = read(names.model) ?? read(names.anthropicModel);
  switch (provider) {
    case 'scripted':
      return { provider, baseUrl: read(names.scriptedUrl) };
    case 'anthropic':
      return { provider, model, apiKey: read(names.apiKey), baseUrl: read(names.baseUrl) };
    case 'bedrock':
      return {
        provider,
        model,
        region: read(names.region) ?? read(names.defaultRegion),
        bearerToken: read(names.bearerToken),
        credentials: readCredentials(read),
      };
    default:
      return { provider };
  }
}

function readCredentials(read: Read): Record<string, unknown> | undefined {
  const accessKeyId = read(modelEnvironmentNames.accessKeyId);
  if (accessKeyId === undefined) return undefined;
  const { secretAccessKey, sessionToken } = modelEnvironmentNames;
  return { accessKeyId, secretAccessKey: read(secretAccessKey), sessionToken: read(sessionToken) };
}
