import { describeModel, modelEnvironmentNames, parseModelSettings } from '@abca/adapter-claude/model-settings';
import { startScriptedModel } from '@abca/scripted-model';

type Environment = Readonly<Record<string, string | undefined>>;

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

/** What the scripted model says when nobody gave it a script. */
const noScript = {
  name: 'no script',
  turns: [
    {
      text: 'I am a scripted model without a script, so I can do no work. Give the platform a script or credentials for a real model.',
    },
  ],
};

/** Whether the environment asks for a real model, and so for its credentials. */
export function hasModelCredentials(env: Environment): boolean {
  const { scriptedUrl: _not, ...names } = modelEnvironmentNames;
  return [names.provider, names.apiKey, names.useBedrock].some((name) => (env[name] ?? '') !== '');
}

/**
 * The model of the environment's credentials, or else a scripted one on loopback.
 *
 * @throws AbcaError CONFIG_INVALID when the credentials are not complete
 * @param options.port wanted port of the scripted model; another one when it is taken
 */
export async function openModel(
  env: Environment,
  options: { readonly scriptFile?: string; readonly port?: number },
): Promise<ModelSource> {
  if (hasModelCredentials(env)) return credentialed(env);
  const script = options.scriptFile === undefined ? { script: noScript } : { scriptFile: options.scriptFile };
  const server = await startOn(options.port, script);
  return {
    label: 'scripted',
    scripted: true,
    environment: { [modelEnvironmentNames.scriptedUrl]: server.url },
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

function credentialed(env: Environment): ModelSource {
  const given = Object.values(modelEnvironmentNames).filter((name) => (env[name] ?? '') !== '');
  const environment = Object.fromEntries(given.map((name) => [name, env[name] ?? '']));
  return {
    label: describeModel(parseModelSettings(environment)),
    scripted: false,
    environment,
    stop: () => Promise.resolve(),
  };
}
