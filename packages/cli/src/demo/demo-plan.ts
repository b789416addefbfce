import { resolve } from 'node:path';
import { parseRepoAddress } from '../commands/repo-address.ts';
import { CliError, exitCodes, usageError } from '../errors/cli-error.ts';

/** What a demo was asked to do. */
export interface DemoRequest {
  readonly repo?: string;
  readonly task?: string;
  readonly base?: string;
  readonly script?: string;
  /** Whether the environment asks for a real model. */
  readonly hasCredentials: boolean;
  readonly cwd: string;
}

/** What a demo does. `own`: a task of the person's, in a repository of theirs. */
export type DemoPlan =
  | { readonly kind: 'built_in'; readonly task: string | undefined; readonly script: string | undefined }
  | {
      readonly kind: 'own';
      readonly repo: string;
      readonly cloneUrl: string;
      readonly task: string;
      readonly base: string | undefined;
      readonly script: string | undefined;
    };

/**
 * Decide before anything is started whether the demo can keep what it promises. The scripted model only follows its script: it
 * is not let loose on a repository that the script knows nothing of.
 *
 * @throws CliError USAGE, CONFIG_INVALID
 */
export function planDemo({ repo, task, base, script, hasCredentials, cwd }: DemoRequest): DemoPlan {
  const scriptFile = script === undefined ? undefined : resolve(cwd, script);
  if (script !== undefined && hasCredentials) {
    throw usageError(
      '--script is given, but the environment has credentials for a real model',
      'leave --script out, or unset ANTHROPIC_API_KEY and CLAUDE_CODE_USE_BEDROCK',
    );
  }
  if (repo === undefined) {
    if (task !== undefined && !hasCredentials && script === undefined) throw needsModel('a task of your own');
    if (base !== undefined)
      throw usageError('--base is for a repository of your own', 'give --repo too, or leave it out');
    return { kind: 'built_in', task, script: scriptFile };
  }
  if (task === undefined) throw usageError('--repo is given without a task', 'say what to do with --task "…"');
  const address = parseRepoAddress(repo, cwd);
  if (!hasCredentials && script === undefined) throw needsModel(`a task in ${address.cloneUrl}`);
  return { kind: 'own', ...address, task, base, script: scriptFile };
}

function needsModel(what: string): CliError {
  return new CliError(
    'CONFIG_INVALID',
    `${what} needs a real model: without credentials the model is a scripted one, which only follows its script`,
    {
      exitCode: exitCodes.error,
      suggestion:
        'set ANTHROPIC_API_KEY, or CLAUDE_CODE_USE_BEDROCK=1 with AWS credentials; or give the scripted model its words with --script <file>',
    },
  );
}
