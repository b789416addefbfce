import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EventView } from '../client/wire-types.ts';
import { readText } from '../commands/read-text.ts';
import { CliError } from '../errors/cli-error.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';

/** Largest file of events, bytes. */
const mostBytes = 256 * 1024 * 1024;

/** Events of tasks: of a file, of standard input (`-`), or of a task that the platform knows. @throws CliError */
export async function readEvents(
  context: CommandContext,
  source: string,
  flags: PlatformChoice,
): Promise<readonly EventView[]> {
  const { io } = context;
  if (source !== '-' && !existsSync(resolve(io.cwd, source))) return eventsOfTask(context, source, flags);
  return parseEvents(await readText(source, io, mostBytes), source);
}

/** All events of a task that the platform knows. */
export async function eventsOfTask(
  context: CommandContext,
  taskId: string,
  flags: PlatformChoice,
): Promise<readonly EventView[]> {
  return clientOf(context, flags).listEvents(taskId, 0, Number.POSITIVE_INFINITY);
}

/**
 * Events as `bgagent events --json` writes them: an array, or one event a line.
 *
 * @param name of the file, for messages
 * @throws CliError EVENTS_INVALID
 */
export function parseEvents(text: string, name: string): readonly EventView[] {
  const whole = tryJson(text);
  if (whole !== undefined) return (Array.isArray(whole) ? whole : [whole]).map((item) => toEvent(item, name));
  const lines = text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), place: `${name}, line ${String(index + 1)}` }));
  const events = lines.filter(({ line }) => line !== '');
  if (events.length === 0) throw invalid(name, 'it is empty');
  return events.map(({ line, place }) => toEvent(tryJson(line), place));
}

function toEvent(item: unknown, place: string): EventView {
  if (typeof item !== 'object' || item === null) throw invalid(place, 'it is not the JSON of an event');
  const event = item as Partial<Record<keyof EventView, unknown>>;
  const isWhole =
    typeof event.task_id === 'string' &&
    typeof event.seq === 'number' &&
    typeof event.event_type === 'string' &&
    typeof event.metadata === 'object' &&
    event.metadata !== null;
  if (!isWhole) throw invalid(place, 'an event has no task_id, seq, event_type or metadata');
  return item as EventView;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function invalid(place: string, why: string): CliError {
  return new CliError('EVENTS_INVALID', `${place} holds no events: ${why}`, {
    suggestion: 'write them with: bgagent events <task> --json > events.json',
  });
}
