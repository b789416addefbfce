import { channels, type Channel, type Outbox, type TaskEvent } from '@abca/core';
import type { CrashWorld } from './crash-world.test-kit.ts';
import { expectedChannels } from './event-stream.test-kit.ts';
import { mannerOf, type ChannelRecord } from './recording-channel.test-kit.ts';

/** What became of all that was to be delivered. */
export interface WorldVerdict {
  readonly records: number;
  /** Pairs of event and channel that somebody was to be told of. */
  readonly pairs: number;
  /** Of them, those that the channel accepted. */
  readonly accepted: number;
  /** Those that it never will. */
  readonly refused: number;
  /** What is not as it must be, one sentence each. */
  readonly wrong: readonly string[];
  /** Acceptances of what nobody was to be told of. */
  readonly strangers: number;
  /** Deliveries of one task on one channel that living consumers made at the same time. */
  readonly overlaps: number;
  readonly crashes: number;
  readonly lookUps: number;
}

/** Compare what the channels hold, and what the outbox says of it, with what was to be. */
export async function judgeWorld(world: CrashWorld, outbox: Pick<Outbox, 'find'>): Promise<WorldVerdict> {
  const events = [...world.logs.values()].flat();
  const wrong: string[] = [];
  const found = { delivered: 0, refused: 0 };
  for (const event of events) {
    for (const channel of expectedChannels(event)) {
      const { state, problem } = await judgePair(world.channels[channel], outbox, { event, channel });
      if (problem !== undefined) wrong.push(problem);
      else found[state] += 1;
    }
  }
  const total = (of: (record: ChannelRecord) => number): number =>
    channels.map((channel) => of(world.channels[channel])).reduce((sum, count) => sum + count, 0);
  return {
    records: events.length,
    pairs: found.delivered + found.refused + wrong.length,
    accepted: found.delivered,
    refused: found.refused,
    wrong,
    strangers: total(({ accepted }) => accepted.size) - found.delivered,
    overlaps: total(({ overlaps }) => overlaps),
    crashes: [...world.deaths.values()].reduce((sum, count) => sum + count, 0),
    lookUps: total(({ lookUps }) => lookUps),
  };
}

async function judgePair(
  record: ChannelRecord,
  outbox: Pick<Outbox, 'find'>,
  { event, channel }: { readonly event: TaskEvent; readonly channel: Channel },
): Promise<{ readonly state: 'delivered' | 'refused'; readonly problem?: string }> {
  const id = `${event.taskId} ${String(event.seq)}`;
  const manner = mannerOf(channel, id);
  const times = record.accepted.get(id) ?? 0;
  const state = manner === 'refuses' ? 'refused' : 'delivered';
  const kept = await outbox.find({ taskId: event.taskId, seq: event.seq, channel });
  const isRight = times === (state === 'delivered' ? 1 : 0) && kept?.state === state;
  if (isRight) return { state };
  return {
    state,
    problem: `${id} on ${channel} (${manner}): accepted ${String(times)} times, ${kept?.state ?? 'unheard of'}`,
  };
}

/** All of it in one line. */
export function summaryOf({ counts }: CrashWorld, verdict: WorldVerdict): string {
  const number = (value: number): string => value.toLocaleString('en');
  return (
    `${number(verdict.records)} records in ${number(counts.batches)} batches, ${number(counts.given)} given with duplicates: ` +
    `${number(verdict.crashes)} crashes, ${number(counts.again)} asked for again, ${number(counts.sweeps)} sweeps, ` +
    `${number(verdict.lookUps)} looked up; of ${number(verdict.pairs)} (event, channel) pairs ${number(verdict.accepted)} accepted ` +
    `exactly once, ${number(verdict.refused)} refused, ${number(verdict.wrong.length)} lost or doubled`
  );
}
