import {
  AbcaError,
  limits,
  type CallOptions,
  type ChannelMemory,
  type DeliveryOutcome,
  type Notification,
  type Notifier,
} from '@abca/core';
import * as z from 'zod';
import type { GitHubClient } from '../client/github-client.ts';
import { once, type GitHubApi } from '../client/octokit.ts';
import { parseRepoAddress, type RepoAddress } from '../client/repo-address.ts';
import { findComment } from './find-comment.ts';
import { statusComment } from './status-comment.ts';

/** What is kept of a task: its comment, and up to which event it tells. */
const memorySchema = z.object({ commentId: z.number().int().positive(), seq: z.number().int().positive() });
type Memory = z.infer<typeof memorySchema>;

export interface GitHubNotifierOptions {
  readonly client: GitHubClient;
  /** What a line of a comment begins with that is an order. @default @abca */
  readonly mention?: string;
  /** Longest time of one delivery, milliseconds. @default 2 seconds less than `limits.delivery.tryMs` */
  readonly tryMs?: number;
}

/**
 * {@link Notifier} on GitHub: one comment for each task, on the issue or pull request it came from, edited in place. It is found by
 * what is kept of it, else by its hidden mark, so that one whose answer was lost is not made twice.
 */
export class GitHubNotifier implements Notifier {
  readonly channel = 'github';
  readonly #options: GitHubNotifierOptions;

  constructor(options: GitHubNotifierOptions) {
    this.#options = options;
  }

  async deliver(notification: Notification, options: CallOptions = {}): Promise<DeliveryOutcome> {
    options.signal?.throwIfAborted();
    const { event, task } = notification;
    const number = task.issueNumber ?? task.prNumber;
    const memory = memorySchema.safeParse(notification.memory).data;
    const why = reasonToSkip(notification, memory);
    if (why !== undefined || number === undefined) return { kind: 'skipped', why: why ?? 'there is no issue' };
    const { tryMs = limits.delivery.tryMs - 2000 } = this.#options;
    const timeout = AbortSignal.timeout(tryMs);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    try {
      const commentId = await this.#say(notification, { number, memory, signal });
      return { kind: 'delivered', memory: keep({ commentId, seq: event.seq }) };
    } catch (error) {
      options.signal?.throwIfAborted();
      const what = `GitHub did not take the comment on ${task.repo}`;
      const failed = timeout.aborted
        ? new AbcaError('SERVICE_UNAVAILABLE', `${what} in time`, { retryable: true })
        : AbcaError.wrap(error, 'INTERNAL_ERROR', what);
      return outcomeOf(failed);
    }
  }

  async #say(
    { event, task }: Notification,
    { number, memory, signal }: { number: number; memory: Memory | undefined; signal: AbortSignal },
  ): Promise<number> {
    const { client, mention = '@abca' } = this.#options;
    const cloneUrl = task.settings?.cloneUrl ?? `${client.webUrl}/${task.repo}.git`;
    const address = parseRepoAddress({ repo: task.repo, cloneUrl }, client.webUrl);
    const body = statusComment(task, event, { webUrl: client.webUrl, mention });
    const work = { repo: task.repo, access: 'write', what: 'the comment' } as const;
    return client.run(
      work,
      async (api) => {
        if (memory !== undefined && (await edit(api, address, { id: memory.commentId, body }))) return memory.commentId;
        const found = await findComment(client, api, { ...address, number, task }, { signal });
        if (found !== undefined && (await edit(api, address, { id: found, body }))) return found;
        const created = await api.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
          ...address,
          issue_number: number,
          body,
          ...once,
        });
        return Number(created.data.id);
      },
      { signal },
    );
  }
}

function reasonToSkip({ task, event, settings }: Notification, memory: Memory | undefined): string | undefined {
  if (task.issueNumber === undefined && task.prNumber === undefined) {
    return 'the task came from no issue and no pull request';
  }
  if (settings.github?.comment === false) return 'the owner of the task wants no comment';
  if ((task.settings?.forge ?? 'github') !== 'github') return 'the repository is not on GitHub';
  return memory !== undefined && memory.seq >= event.seq ? 'the comment tells of a later event already' : undefined;
}

/** @returns false when the comment is not there any more */
async function edit(api: GitHubApi, address: RepoAddress, comment: { id: number; body: string }): Promise<boolean> {
  try {
    await api.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      ...address,
      comment_id: comment.id,
      body: comment.body,
    });
    return true;
  } catch (error) {
    const { status } = error as { readonly status?: number };
    if (status === 404 || status === 410) return false;
    throw error;
  }
}

function keep(memory: Memory): ChannelMemory {
  return { ...memory };
}

/** Limits, missing permissions and failures of GitHub may pass; what it refused for what it was will be refused again. */
function outcomeOf(error: AbcaError): DeliveryOutcome {
  const { code, message, details } = error;
  const { status, retryAfterMs } = { status: undefined, retryAfterMs: undefined, ...details };
  if (!error.retryable && status !== 403) return { kind: 'refused', code, message };
  // Whatever else went wrong, the comment may be there: only an answer that says no is one.
  const refusedForNow = status === 403 || status === 429;
  return {
    kind: 'retry',
    code,
    message,
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
    ...(refusedForNow && { accepted: false }),
  };
}
