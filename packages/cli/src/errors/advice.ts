import type { ApiErrorCode } from '../client/wire-types.ts';

/** What to do about an error of the platform, where its message does not already say it. */
const advice: { readonly [C in ApiErrorCode]?: string } = {
  UNAUTHORIZED: 'pass the token of the platform with --token or ABCA_TOKEN, or run bgagent beside its data folder',
  FORBIDDEN: 'ask the owner of the platform for the right to do this',
  TASK_NOT_FOUND: 'see the ids of your tasks with: bgagent list',
  REPO_NOT_FOUND: 'see the names of the repositories with: bgagent repo list',
  REPO_NOT_ONBOARDED: 'add the repository with: bgagent repo add <path or URL>',
  DUPLICATE_TASK: 'use a new key, or leave --idempotency-key out',
  TASK_ALREADY_TERMINAL: 'see how it ended with: bgagent status <task>',
  TASK_FINALIZING: 'wait for its end with: bgagent watch <task>',
  REQUEST_NOT_FOUND: 'list the open ones with: bgagent pending',
  REQUEST_ALREADY_DECIDED: 'list the open ones with: bgagent pending',
  CHANNEL_NOT_CONFIGURED: 'see what is set up with: bgagent notifications show',
  ALREADY_LINKED: 'if it is not you, ask the operator of the platform to remove the link',
  SESSION_NOT_FOUND: 'see the ids of the sessions with: bgagent ops sessions',
  RECONCILE_FAILED: 'see the log of the platform; bgagent doctor tells what is wrong',
  TASK_NOT_AWAITING_APPROVAL: 'list the open requests with: bgagent pending',
  RATE_LIMIT_EXCEEDED: 'wait a moment and try again',
  SERVICE_UNAVAILABLE: 'try again in a moment; bgagent doctor tells what is wrong',
  INTERNAL_ERROR: 'see the log of the platform under the request id',
  CONFIG_INVALID: 'correct the setting where it is made: a flag, an ABCA_ variable or abca.json',
  UNSUPPORTED_PLATFORM: 'run bgagent doctor to see what this machine lacks',
};

/** What a person can do about `code`, if anything is known. */
export function adviceFor(code: string): string | undefined {
  return Object.hasOwn(advice, code) ? advice[code as ApiErrorCode] : undefined;
}
