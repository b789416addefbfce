import * as z from 'zod';
import type { RepoId } from '../ids/ids.ts';
import { repoIdSchema } from '../repo/repo-config.ts';
import { isoTimeSchema } from '../task/task.ts';
import type { IsoTime } from '../time/iso-time.ts';

/** Something that happened on the forge and may start a task. All of it was signed by the forge, and none of it is trusted. */
export interface TriggerEvent {
  readonly repo: RepoId;
  readonly sender: { readonly login: string; readonly isBot: boolean };
  /** Names what happened: the same in every delivery of it, by whichever of the repository's hooks. */
  readonly subject: string;
  readonly at: IsoTime;
  readonly cause: TriggerCause;
}

export type TriggerCause =
  | { readonly kind: 'labelled'; readonly label: string; readonly issueNumber: number; readonly isOpen: boolean }
  | {
      readonly kind: 'said';
      readonly author: string;
      readonly text: string;
      readonly on: 'issue' | 'pull_request';
      readonly number: number;
      /** Where in a pull request: the id of the review comment, and what it stands at. */
      readonly place?: { readonly commentId: number; readonly path?: string; readonly line?: number };
    };

export type ReadEvent =
  | { readonly kind: 'event'; readonly event: TriggerEvent }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'malformed'; readonly why: string };

const person = z.object({ login: z.string().min(1).max(256), type: z.string().optional() });
const number = z.number().int().positive();
const envelope = z.object({ repository: z.object({ full_name: repoIdSchema }), sender: person });
const comment = z.object({ id: number, body: z.string().nullish(), user: person, created_at: isoTimeSchema });

const labeled = envelope.extend({
  label: z.object({ name: z.string() }),
  issue: z.object({ number, state: z.string(), updated_at: isoTimeSchema }),
});
const commented = envelope.extend({
  issue: z.object({ number, pull_request: z.looseObject({}).nullish() }),
  comment,
});
const reviewCommented = envelope.extend({
  pull_request: z.object({ number }),
  comment: comment.extend({ path: z.string().nullish(), line: number.nullish() }),
});
const reviewed = envelope.extend({
  pull_request: z.object({ number }),
  review: z.object({ id: number, body: z.string().nullish(), user: person, submitted_at: isoTimeSchema }),
});

type Envelope = z.infer<typeof envelope>;
type EventPart = Pick<TriggerEvent, 'subject' | 'at' | 'cause'>;

/** How one kind of delivery is read: `action` is the only one that counts; edits and deletions do not. */
interface Reader {
  readonly action: string;
  readonly read: (payload: unknown) => TriggerEvent;
}

const reader = <T extends Envelope>(action: string, schema: z.ZodType<T>, part: (payload: T) => EventPart): Reader => ({
  action,
  read: (payload) => {
    const parsed = schema.parse(payload);
    const { repository, sender } = parsed;
    const isBot = sender.type === 'Bot' || /\[bot\]$/i.test(sender.login);
    return { repo: repository.full_name, sender: { login: sender.login, isBot }, ...part(parsed) };
  },
});

const readers: Readonly<Record<string, Reader>> = {
  issues: reader('labeled', labeled, ({ label, issue }) => ({
    subject: `labeled:${String(issue.number)}:${issue.updated_at}`,
    at: issue.updated_at,
    cause: { kind: 'labelled', label: label.name, issueNumber: issue.number, isOpen: issue.state === 'open' },
  })),
  issue_comment: reader('created', commented, ({ issue, comment: { id, body, user, created_at } }) => ({
    subject: `issue_comment:${String(id)}`,
    at: created_at,
    cause: {
      kind: 'said',
      author: user.login,
      text: body ?? '',
      on: issue.pull_request ? 'pull_request' : 'issue',
      number: issue.number,
    },
  })),
  pull_request_review_comment: reader('created', reviewCommented, ({ pull_request, comment: said }) => ({
    subject: `review_comment:${String(said.id)}`,
    at: said.created_at,
    cause: {
      kind: 'said',
      author: said.user.login,
      text: said.body ?? '',
      on: 'pull_request',
      number: pull_request.number,
      place: {
        commentId: said.id,
        ...(typeof said.path === 'string' && { path: said.path }),
        ...(typeof said.line === 'number' && { line: said.line }),
      },
    },
  })),
  pull_request_review: reader('submitted', reviewed, ({ pull_request, review }) => ({
    subject: `review:${String(review.id)}`,
    at: review.submitted_at,
    cause: {
      kind: 'said',
      author: review.user.login,
      text: review.body ?? '',
      on: 'pull_request',
      number: pull_request.number,
    },
  })),
};

/**
 * What a delivery of GitHub tells. Total: whatever `payload` is, it is read, ignored or malformed.
 *
 * @param name the delivery's `X-GitHub-Event`; it is not signed, so a payload has to have the shape of its event
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
export function readGitHubEvent(name: string, payload: unknown): ReadEvent {
  const known = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (known === undefined) return { kind: 'ignored', why: `deliveries of ${name} start nothing` };
  const { success, data } = z.object({ action: z.string() }).safeParse(payload);
  if (!success) return { kind: 'malformed', why: 'the payload is not an object with an action' };
  if (data.action !== known.action) return { kind: 'ignored', why: `only ${name} ${known.action} can start something` };
  try {
    return { kind: 'event', event: known.read(payload) };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return { kind: 'malformed', why: whyOf(name, error) };
  }
}

function whyOf(name: string, { issues }: z.ZodError): string {
  const fields = [...new Set(issues.map(({ path }) => path.join('.')))];
  return `the payload is not one of ${name}: see ${fields.join(', ')}`;
}
