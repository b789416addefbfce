import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';

/** Codes of Slack for what it will never accept, each with what a person can do about it. All others are tried again. */
const remedies = {
  channel_not_found: 'set a conversation that exists: bgagent notifications configure slack --conversation <id>',
  not_in_channel: 'invite the app to the channel',
  is_archived: 'set another conversation: the channel is archived',
  message_not_found: 'the message was deleted; the next event opens a new thread',
  not_authed: 'configure a bot token',
  invalid_auth: 'configure a valid bot token',
  token_revoked: 'install the app again and configure its new token',
  token_expired: 'configure a fresh bot token',
  account_inactive: 'install the app again: its account is deactivated',
  no_permission: 'ask an admin of the workspace to let the app post',
  missing_scope: 'add the scope to the app and install it again',
  restricted_action: 'ask an admin of the workspace to let the app post there',
  ekm_access_denied: 'ask an admin: key management of the workspace forbids it',
  team_access_not_granted: 'install the app for this workspace',
  posting_to_general_channel_denied: 'set another conversation: the app may not post to the general channel',
  as_user_not_supported: 'use a bot token rather than that of a person',
  invalid_blocks: 'this is a defect of the platform; report it',
  invalid_blocks_format: 'this is a defect of the platform; report it',
  invalid_arguments: 'this is a defect of the platform; report it',
  msg_too_long: 'this is a defect of the platform; report it',
  too_many_attachments: 'this is a defect of the platform; report it',
} as const;

/** The codes that {@link SlackFailure} refuses for good. */
export const terminalCodes: readonly string[] = Object.keys(remedies);

/** Why a call of the Web API did not succeed. */
export type SlackFailure =
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'retry';
      readonly code: string;
      readonly message: string;
      /** As Slack asked for, milliseconds. */
      readonly retryAfterMs?: number;
      /** Whether Slack may have done what was asked without saying so. */
      readonly unsure: boolean;
    };

/** A call that failed. Holds no word of the request, whose headers carry the token. */
export class SlackCallError extends Error {
  readonly failure: SlackFailure;

  constructor(failure: SlackFailure) {
    super(failure.message);
    this.name = 'SlackCallError';
    this.failure = failure;
  }
}

/**
 * What `error`, thrown by the client of the Web API, means for what was asked.
 *
 * @param call.method such as `chat.postMessage`
 * @param call.broken what went wrong below HTTP, if it did
 */
export function slackFailureOf(
  error: unknown,
  { method, broken }: { readonly method: string; readonly broken?: unknown },
): SlackFailure {
  if (error instanceof WebAPIRateLimitedError) {
    const { retryAfter } = error;
    const message = `${method}: Slack is asked too often; again in ${String(retryAfter)} s`;
    return { kind: 'retry', code: 'ratelimited', message, retryAfterMs: retryAfter * 1000, unsure: false };
  }
  if (error instanceof WebAPIPlatformError) return platformFailure(error.data.error, method);
  if (error instanceof WebAPIHTTPError) return unsure(`http_${String(error.statusCode)}`, method);
  return unsure(networkCode(broken ?? error), method);
}

function platformFailure(said: unknown, method: string): SlackFailure {
  const code = codeOf(said);
  if (!Object.hasOwn(remedies, code)) return unsure(code, method);
  const remedy = remedies[code as keyof typeof remedies];
  return { kind: 'refused', code, message: `${method} was refused: ${code}; ${remedy}` };
}

/** An answer that is no JSON is told by the client as an error of that text: no code, and not to be repeated to anybody. */
function codeOf(said: unknown): string {
  return typeof said === 'string' && /^[a-z0-9_]{1,64}$/.test(said) ? said : 'unreadable_answer';
}

function unsure(code: string, method: string): SlackFailure {
  return { kind: 'retry', code, message: `${method} did not succeed: ${code}`, unsure: true };
}

function networkCode(error: unknown): string {
  const { name, cause } = (error ?? {}) as { readonly name?: unknown; readonly cause?: { readonly code?: unknown } };
  if (name === 'TimeoutError' || name === 'AbortError') return 'timed_out';
  const code = cause?.code;
  return typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code.toLowerCase() : 'request_failed';
}
