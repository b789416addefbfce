import type { EventOwner } from '@abca/core';
import { setTimeout as pause } from 'node:timers/promises';
import { openStores } from '../support/stores.ts';

/** What a writer is told. */
export interface WriterPlan {
  readonly dataDir: string;
  readonly owner: EventOwner;
  readonly events: number;
  /** Events are appended at this pace, whether or not the last one is written. Absent: each when the last one is. */
  readonly everyMs?: number;
}

/** One append, in nanoseconds of the machine's monotonic clock, which all processes share. */
export interface Append {
  readonly seq: number;
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
  for (let n = 0; n < plan.events; n += 1) appends.push(await append(n));
  return appends;
}

async function paced(everyMs: number): Promise<Append[]> {
  const startMs = performance.now();
  const appends: Promise<Append>[] = [];
  for (let n = 0; n < plan.events; n += 1) {
    const waitMs = startMs + n * everyMs - performance.now();
    if (waitMs > 0) await pause(waitMs);
    appends.push(append(n));
  }
  return Promise.all(appends);
}

async function append(n: number): Promise<Append> {
  const calledNs = String(process.hrtime.bigint());
  const metadata = {
    tool_name: 'Bash',
    tool_input_preview: `{"command":"npm test -- --shard ${String(n)}"}`,
    turn: n + 1,
  };
  const [event] = await stores.events.append(plan.owner, [{ eventType: 'agent_tool_call', metadata }]);
  return { seq: event?.seq ?? 0, calledNs, writtenNs: String(process.hrtime.bigint()) };
}
