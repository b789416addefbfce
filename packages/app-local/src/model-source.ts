import { startScriptedModel } from '@abca/scripted-model';

/** Which model the sessions of a platform use. */
export interface ModelSource {
  /** How people are told of it. */
  readonly label: string;
  /** Whether it is the scripted one, which does only what its script says. */
  readonly scripted: boolean;
  /** Given to sessions, and to nothing else. May hold credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** Port of the scripted model's server. */
  readonly port?: number;
  stop(): Promise<void>;
}

/** Variables that choose or pay for a real model. Whoever sets one of the first two wants a real one. */
const deciding = ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_USE_BEDROCK'] as const;
const passedOn = [
  ...deciding,
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_MODEL',
  'AWS_BEARER_TOKEN_BEDROCK',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
] as const;

/** What the scripted model says when nobody gave it a script. */
const noScript = {
  name: 'no script',
  turns: [
    {
      text: 'I am a scripted model without a script, so I can do no work. Give the platform a script or credentials for a real model.',
    },
  ],
};

/** Whether the environment asks for a real model. */
export function hasModelCredentials(env: Readonly<Record<string, string | undefined>>): boolean {
  return deciding.some((key) => (env[key] ?? '') !== '');
}

/**
 * The model of the environment's credentials, or else a scripted one on loopback.
 *
 * @param options.port wanted port of the scripted model; another one when it is taken
 */
export async function openModel(
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly scriptFile?: string; readonly port?: number },
): Promise<ModelSource> {
  if (hasModelCredentials(env)) return credentialed(env);
  const script = options.scriptFile === undefined ? { script: noScript } : { scriptFile: options.scriptFile };
  const server = await startOn(options.port, script);
  return {
    label: 'scripted',
    scripted: true,
    environment: { ABCA_SCRIPTED_MODEL_URL: server.url },
    port: Number(new URL(server.url).port),
    stop: () => server.stop(),
  };
}

async function startOn(
  port: number | undefined,
  script: Parameters<typeof startScriptedModel>[0],
): ReturnType<typeof startScriptedModel> {
  if (port === undefined) return startScriptedModel(script);
  try {
    return await startScriptedModel({ ...script, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startScriptedModel(script);
  }
}

function credentialed(env: Readonly<Record<string, string | undefined>>): ModelSource {
  const given = passedOn
    .map((key) => [key, env[key]] as const)
    .filter((entry): entry is [(typeof entry)[0], string] => (entry[1] ?? '') !== '');
  const model = env['ANTHROPIC_MODEL'] ?? 'default model';
  const bedrock = (env['CLAUDE_CODE_USE_BEDROCK'] ?? '') !== '';
  return {
    label: `${model} (${bedrock ? 'Amazon Bedrock' : 'Anthropic API'})`,
    scripted: false,
    environment: Object.fromEntries(given),
    stop: () => Promise.resolve(),
  };
}
