import type { EventView } from '../client/wire-types.ts';
import { describeEvent } from './event-text.ts';
import { span, type Line } from './line.ts';

/** One event of a log as a line: number, time, type, what it says. Pure. */
export function eventLine(event: EventView): Line {
  const { label, detail, tone } = describeEvent(event);
  return [
    span(String(event.seq).padStart(5), 'dim'),
    span(`  ${event.timestamp}  `, 'dim'),
    span(event.event_type.padEnd(20), tone),
    span(`  ${[label, detail].filter((text) => text !== '').join('  ')}`),
  ];
}
