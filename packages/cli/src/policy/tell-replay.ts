import type { CommandContext } from '../program/context.ts';
import { plural, truncate } from '../render/format.ts';
import { oneLine, span, type Line } from '../render/line.ts';
import { tabbedRows, tableLines } from '../render/table.ts';
import type { Flip, Replay, Tally } from './replay.ts';

const callWidth = 60;

/** Flips as data, totals beside them; nothing that a program would have to sort out. */
export function tellReplay({ out, talk }: CommandContext, replay: Replay): void {
  const { flips, totals, not_replayed } = replay;
  if (!out.isTerminal) out.raw(tabbedRows(flips.map((flip) => flipRow(flip, flip.call))));
  else if (flips.length > 0) out.print(...flipTable(flips), []);
  talk.say(`${plural(flips.length, 'decision')} of ${plural(totals.calls, 'call')} would change`, 'title');
  talk.print(...totalLines(totals), [], ...taskLines(replay));
  if (not_replayed.length > 0) {
    talk.print([], [span(`${plural(not_replayed.length, 'call')} not replayed`, 'warn')]);
    for (const { task_id, seq, tool_name, why } of not_replayed) {
      talk.say(`  ${task_id} ${String(seq)} ${tool_name}: ${oneLine(why)}`, 'dim');
    }
  }
  talk.say(
    'Each call is judged by itself: scopes and refusals from prompts count as questions, before and after; scopes given in advance count.',
    'dim',
  );
}

function flipTable(flips: readonly Flip[]): Line[] {
  const rows = flips.map((flip) => flipRow(flip, truncate(oneLine(flip.call), callWidth)));
  return tableLines(['TASK', 'SEQ', 'TOOL', 'CALL', 'DECISION', 'RULES'], rows);
}

function flipRow({ task_id, seq, tool_name, before, after, rules_before, rules_after }: Flip, call: string): string[] {
  const rules = rules_after.length > 0 ? rules_after : rules_before.map((rule) => `not ${rule}`);
  return [task_id, String(seq), tool_name, call, `${before} -> ${after}`, rules.join(', ')];
}

function totalLines({ before, after }: Replay['totals']): Line[] {
  const row = (name: keyof Tally): string[] => [name, String(before[name]), String(after[name])];
  return tableLines(['', 'BEFORE', 'AFTER'], [row('allow'), row('ask'), row('deny')]);
}

function taskLines({ tasks }: Replay): Line[] {
  const rows = tasks.map(({ task_id, calls, asked, asks_before, asks_after }) =>
    [task_id, calls, asked, asks_before, asks_after].map(String),
  );
  return tableLines(['TASK', 'CALLS', 'WAS ASKED', 'ASKS BEFORE', 'ASKS AFTER'], rows);
}
