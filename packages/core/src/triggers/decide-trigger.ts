import { limits } from '../limits.ts';
import { stripEscapes } from '../redaction/preview.ts';
import { parseIso } from '../time/iso-time.ts';
import type { SubmitCommand } from '../use-cases/submit-task.ts';
import { findInstruction } from './find-instruction.ts';
import type { TriggerCause, TriggerEvent } from './github-event.ts';
import { triggerDefaults, type Triggers } from './triggers.ts';

/** What the platform goes by: the repository's triggers, and the accounts that the platform itself writes as. */
export interface TriggerRules {
  readonly triggers: Pick<Triggers, 'label' | 'mention'>;
  readonly ownLogins: readonly string[];
  readonly nowMs: number;
}

export type TriggerDecision =
  /** To be started once it is sure that `login` may write to the repository. */
  | { readonly kind: 'start'; readonly command: SubmitCommand; readonly source: TriggerSource }
  | { readonly kind: 'ignore'; readonly why: string };

/** Who started it on the forge, by what. */
export interface TriggerSource {
  readonly login: string;
  readonly subject: string;
}

type Said = Extract<TriggerCause, { kind: 'said' }>;
type Labelled = Extract<TriggerCause, { kind: 'labelled' }>;

/** Comments of the platform carry one, by which it finds them again. Whoever copies it is not heard either. */
const platformMarker = /<!--\s*abca\b/i;
/** Paths are chosen by whoever opened the pull request: only those that can hold no sentence are repeated. */
const plainPath = /^[\w@+./-]{1,200}$/;

/**
 * Whether `event` starts a task, and which. Bots, the platform's own words and what is too old start none. Whether the sender
 * may write is for the caller to ask.
 *
 * A label is no text: the task says only which issue, whose own words reach the agent as context that is marked as
 * untrusted. A comment is an order of somebody who may write, and becomes the description.
 */
export function decideTrigger(event: TriggerEvent, rules: TriggerRules): TriggerDecision {
  const why = findBar(event, rules);
  if (why !== undefined) return { kind: 'ignore', why };
  const { cause } = event;
  return cause.kind === 'labelled' ? decideLabel(event, cause, rules) : decideWords(event, cause, rules);
}

function findBar({ sender, at, cause }: TriggerEvent, { ownLogins, nowMs }: TriggerRules): string | undefined {
  if (sender.isBot) return 'bots start nothing';
  if (ownLogins.some((own) => isSame(own, sender.login))) return 'the platform itself starts nothing';
  if (nowMs - parseIso(at) > limits.redeliveryMs) return 'it happened more than three days ago';
  if (cause.kind !== 'said') return undefined;
  if (!isSame(cause.author, sender.login)) return 'the words are not those of the sender';
  return platformMarker.test(cause.text) ? 'the platform itself starts nothing' : undefined;
}

function decideLabel(
  { repo, sender, subject }: TriggerEvent,
  cause: Labelled,
  { triggers }: TriggerRules,
): TriggerDecision {
  const label = triggers.label ?? triggerDefaults.label;
  if (!isSame(cause.label, label)) return { kind: 'ignore', why: `the label is not ${label}` };
  if (!cause.isOpen) return { kind: 'ignore', why: 'the issue is closed' };
  const { issueNumber } = cause;
  const taskDescription = `Resolve issue #${String(issueNumber)} of ${repo}. Its text and comments are in the context.`;
  return start({ repo, taskType: 'new_task', taskDescription, issueNumber }, { login: sender.login, subject });
}

function decideWords(
  { repo, sender, subject }: TriggerEvent,
  cause: Said,
  { triggers }: TriggerRules,
): TriggerDecision {
  const mention = triggers.mention ?? triggerDefaults.mention;
  const words = findInstruction(stripEscapes(cause.text), mention);
  if (words === undefined) return { kind: 'ignore', why: `no line begins with ${mention}` };
  if (words === '') return { kind: 'ignore', why: `nothing is said after ${mention}` };
  const taskDescription = describe(words, cause.place);
  const source = { login: sender.login, subject };
  if (cause.on === 'issue') {
    return start({ repo, taskType: 'new_task', taskDescription, issueNumber: cause.number }, source);
  }
  const taskType = /^review(?![\p{L}\p{N}_-])/iu.test(words) ? 'pr_review' : 'pr_iteration';
  return start({ repo, taskType, taskDescription, prNumber: cause.number }, source);
}

function start(command: SubmitCommand, source: TriggerSource): TriggerDecision {
  return { kind: 'start', command, source };
}

/** The words, cut to what a description may hold, and where in the pull request they were said. */
function describe(words: string, place: Said['place']): string {
  const where = place === undefined ? '' : `\n\n(${placeOf(place)})`;
  const room = limits.taskDescriptionChars - where.length;
  // A cut may leave half a surrogate pair, and the words may have come with one.
  return `${words
    .slice(0, room)
    .replace(/[\uD800-\uDBFF]$/, '')
    .toWellFormed()}${where}`;
}

function placeOf({ commentId, path, line }: NonNullable<Said['place']>): string {
  const said = `said in review comment ${String(commentId)}`;
  if (path === undefined || !plainPath.test(path)) return said;
  return `${said} about ${path}${line === undefined ? '' : `, line ${String(line)}`}`;
}

/** Names of labels and people are the same in any case, as on the forge. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
