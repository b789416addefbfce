import type { EventMetadata } from '@abca/core';
import type { EventView } from '../client/wire-types.ts';
import { describeEvent } from './event-text.ts';
import { formatDuration, truncate } from './format.ts';
import { span, type Line } from './line.ts';

/** What the lines of a watched task depend on besides the event. */
export interface WatchView {
  /** When the task was submitted, milliseconds since the epoch: times are shown from there. */
  readonly startedAtMs: number;
  /** Characters of a line; longer ones are cut. Absent: nothing is cut. */
  readonly width?: number;
}

const timeWidth = 8;
const labelWidth = 13;

/** One event of a watched task as a line: time since submit, phase, detail. Pure. */
export function watchLine(event: EventView, { startedAtMs, width }: WatchView): Line {
  const { label, detail, tone, isInner } = describeEvent(event);
  const time = `+${formatDuration(Date.parse(event.timestamp) - startedAtMs)}`.padStart(timeWidth);
  const head = isInner === true ? `${' '.repeat(labelWidth - 2)}${label} ` : `${label.padEnd(labelWidth - 1)} `;
  const room = width === undefined ? undefined : Math.max(20, width - timeWidth - 2 - head.length);
  const shown = room === undefined ? detail : truncate(detail, room);
  return [
    span(time, 'dim'),
    span('  '),
    span(head, tone),
    isInner === true && tone !== undefined ? span(shown, tone) : span(shown),
  ];
}

/** Whether a watched event is worth a line: that a call needed no permission is what its own line already says. */
export function isWatched({ event_type, metadata }: EventView): boolean {
  if (event_type === 'agent_milestone')
    return metadata['milestone'] !== 'pre_approvals_loaded' || metadata['count'] !== 0;
  if (event_type !== 'policy_decision') return true;
  const { outcome, decided_by } = metadata as Partial<EventMetadata<'policy_decision'>>;
  return outcome !== 'allow' || decided_by === 'scope' || decided_by === 'grant';
}

/** Events of one task as lines. Pure: the same events give the same lines. */
export function watchLines(events: readonly EventView[], view: WatchView): Line[] {
  return events.filter(isWatched).map((event) => watchLine(event, view));
}
