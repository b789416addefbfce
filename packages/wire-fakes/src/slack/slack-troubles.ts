/** The methods of the Web API that the fake knows. */
export const slackMethods = [
  'auth.test',
  'chat.postEphemeral',
  'chat.postMessage',
  'chat.update',
  'conversations.history',
  'conversations.open',
  'conversations.replies',
  'reactions.add',
  'reactions.remove',
  'users.info',
  'views.open',
] as const;
export type SlackMethod = (typeof slackMethods)[number];

/** What goes wrong with a call. */
export type SlackTrouble =
  /** `{ok: false, error}`, without any effect. */
  | { readonly error: string }
  /** 429 with `Retry-After`, seconds, without any effect. */
  | { readonly retryAfterS: number }
  /** This status of HTTP, without any effect. */
  | { readonly status: number }
  /** The connection breaks before the call has had an effect. */
  | 'lost_request'
  /** It breaks after the call has had its effect. */
  | 'lost_answer'
  /** The call has no effect and is never answered. */
  | 'silence';

interface Planned {
  readonly method: SlackMethod | 'any';
  readonly trouble: SlackTrouble;
  left: number;
}

/** What a test has planned to go wrong. Plans are used up in the order they were made. */
export class SlackTroubles {
  #planned: Planned[] = [];

  plan(method: SlackMethod | 'any', trouble: SlackTrouble, times: number): void {
    this.#planned.push({ method, trouble, left: times });
  }

  clear(): void {
    this.#planned = [];
  }

  take(method: string): SlackTrouble | undefined {
    const planned = this.#planned.find((plan) => plan.method === method || plan.method === 'any');
    if (planned === undefined) return undefined;
    planned.left -= 1;
    if (planned.left <= 0) this.#planned = this.#planned.filter((plan) => plan !== planned);
    return planned.trouble;
  }
}

/** The codes that Slack answers for what will never be accepted, as far as the platform tells them apart. */
export const slackTerminalCodes = [
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'message_not_found',
  'not_authed',
  'invalid_auth',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'no_permission',
  'missing_scope',
  'restricted_action',
  'ekm_access_denied',
  'team_access_not_granted',
  'posting_to_general_channel_denied',
  'as_user_not_supported',
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_arguments',
  'msg_too_long',
  'too_many_attachments',
] as const;
