import { SystemClock } from '@abca/adapter-system';
import { createEventPublisher, createJsonLogger, type EventOwner, type NewTaskEvent } from '@abca/core';
import { setTimeout as pause } from 'node:timers/promises';
import { openStores } from '../support/stores.ts';

/** What a writer is told. */
export interface WriterPlan {
  readonly dataDir: string;
  readonly owner: EventOwner;
  readonly events: number;
  /**
   * Events are published at this pace, whether or not the last one is written, through the publisher that agents use.
   * Absent: each is appended when the last one is.
   */
  readonly everyMs?: number;
}

/** One event, in nanoseconds of the machine's monotonic clock, which all processes share. */
export interface Append {
  /** Told by the event, from 1. */
  readonly turn: number;
  /** Number in the log. Known of those that were appended one by one. */
  readonly seq?: number;
  readonly calledNs: string;
  readonly writtenNs: string;
}

/**
 * Appends events to one task's log from a process of its own, as an agent does. Says `ready`, waits for a message, writes,
 * and answers with its {@link Append}s. Ends with its parent.
 */
const plan = JSON.parse(process.argv[2] ?? '{}') as WriterPlan;
const stores = openStores(plan.dataDir);
// Connected and warm before the clock runs.
await stores.events.read({ taskId: plan.owner.taskId, after: 0, limit: 1 });

process.on('disconnect', () => process.exit(0));
process.once('message', () => void write());
process.send?.('ready');

async function write(): Promise<void> {
  const appends = plan.everyMs === undefined ? await oneByOne() : await paced(plan.everyMs);
  process.send?.(appends, () => {
    stores.close();
    process.exit(0);
  });
}

async function oneByOne(): Promise<Append[]> {
  const appends: Append[] = [];
  for (let turn = 1; turn <= plan.events; turn += 1) {
    const calledNs = nowNs();
    const [event] = await stores.events.append(plan.owner, [eventOf(turn)]);
    appends.push({ turn, ...(event && { seq: event.seq }), calledNs, writtenNs: nowNs() });
  }
  return appends;
}

async function paced(everyMs: number): Promise<Append[]> {
  const logger = createJsonLogger((line) => process.stderr.write(`${line}\n`), { clock: new SystemClock() });
  const breaker = { failures: 0, open: false };
  const publisher = createEventPublisher({ log: stores.events, owner: plan.owner, breaker, logger });
  const publish = async (turn: number): Promise<Append> => {
    const calledNs = nowNs();
    await publisher.publish(eventOf(turn));
    return { turn, calledNs, writtenNs: nowNs() };
  };
  const startMs = performance.now();
  const appends: Promise<Append>[] = [];
  for (let turn = 1; turn <= plan.events; turn += 1) {
    const waitMs = startMs + (turn - 1) * everyMs - performance.now();
    if (waitMs > 0) await pause(waitMs);
    appends.push(publish(turn));
  }
  return Promise.all(appends);
}

function eventOf(turn: number): NewTaskEvent {
  const tool_input_preview = `{"command":"npm test -- --shard ${String(turn)}"}`;
  return { eventType: 'agent_tool_call', metadata: { tool_name: 'Bash', tool_input_preview, turn } };
}

function nowNs(): string {
  return String(process.hrtime.bigint());
}
