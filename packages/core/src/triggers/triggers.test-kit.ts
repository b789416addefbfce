import type { RepoId } from '../ids/ids.ts';
import { testEpochMs } from '../testing/builders.ts';
import type { IsoTime } from '../time/iso-time.ts';
import type { TriggerRules } from './decide-trigger.ts';
import type { TriggerCause, TriggerEvent } from './github-event.ts';

export const rules: TriggerRules = { triggers: {}, ownLogins: ['abca-platform'], nowMs: testEpochMs };

type Said = Extract<TriggerCause, { kind: 'said' }>;

/** Carol says `text` on issue 12. */
export function saidEvent(text: string, cause: Partial<Said> = {}, fields: Partial<TriggerEvent> = {}): TriggerEvent {
  return {
    repo: 'acme/shop' as RepoId,
    sender: { login: 'carol', isBot: false },
    subject: 'issue_comment:501',
    at: '2026-01-01T00:00:00.000Z' as IsoTime,
    cause: { kind: 'said', author: 'carol', text, on: 'issue', number: 12, ...cause },
    ...fields,
  };
}

/** Carol gives issue 12 `label`. */
export function labelEvent(label = 'abca', isOpen = true): TriggerEvent {
  return { ...saidEvent(''), subject: 'labeled:12', cause: { kind: 'labelled', label, issueNumber: 12, isOpen } };
}
