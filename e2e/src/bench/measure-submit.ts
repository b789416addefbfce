import type { EventView } from '@abca/app-api';
import { repairScript } from '@abca/scripted-model';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { submit, type ApiAddress } from '../support/api.ts';
import { until } from '../support/until.ts';
import { repo, startBundledPlatform } from './bundled-platform.ts';
import { followTask } from './event-stream.ts';
import type { Figure, Measurement } from './figure.ts';
import { median } from './statistics.ts';

const files = {
  'package.json': JSON.stringify({ name: 'shop', type: 'module', scripts: { test: 'node --test' } }),
  'sum.js': 'export const sum = (a, b) => a - b;\n',
  'sum.test.js': [
    "import assert from 'node:assert/strict';",
    "import test from 'node:test';",
    "import { sum } from './sum.js';",
    "test('adds', () => assert.equal(sum(1, 2), 3));",
    '',
  ].join('\n'),
};

const script = repairScript({
  file: 'sum.js',
  faulty: 'a - b',
  fixed: 'a + b',
  testCommand: 'node --test',
  failureMark: 'fail 1',
  successMark: 'fail 0',
});

/** Moments of one task, in milliseconds after the call that submitted it. */
interface TaskTimes {
  readonly answered: number;
  /** Arrival of the first event of each type, or of each milestone. */
  readonly events: ReadonlyMap<string, number>;
  readonly claimed: number;
  /** The session's last line before it reports. */
  readonly sessionOver: number;
  readonly exited: number;
}

/** The latencies of one whole task with the real agent program, the real agent SDK and the scripted model. */
export const measureSubmit: Measurement = {
  name: 'submit',
  how:
    'One task after the other on `bgagent up`, each watched over SSE by the process that submitted it, from the call of ' +
    '`POST /v1/tasks`. A process start is the time of the claim file that the session’s first process makes; an exit that ' +
    'of the exit record that it leaves when the agent has ended.',
  async measure({ runs }) {
    const platform = await startBundledPlatform({ files, script });
    try {
      await timeTask(platform, platform.dataDir);
      const times: TaskTimes[] = [];
      for (let run = 0; run < runs; run += 1) times.push(await timeTask(platform, platform.dataDir));
      return figuresOf(times);
    } finally {
      await platform.stop();
    }
  },
};

async function timeTask(api: ApiAddress, dataDir: string): Promise<TaskTimes> {
  const startMs = wallMs();
  const { task_id: taskId } = await submit(api, { repo, task_description: 'sum() subtracts: make the tests pass.' });
  const answered = wallMs() - startMs;
  const events = new Map<string, number>();
  let sessionId = '';
  await followTask(api, taskId, (event) => {
    const name = nameOf(event);
    if (!events.has(name)) events.set(name, wallMs() - startMs);
    if (event.event_type === 'session_started') sessionId = String(event.metadata?.['session_id']);
  });
  if (!events.has('task_completed')) throw new Error(`task ${taskId} did not complete`);
  const at = (name: string): string => join(dataDir, 'sessions', sessionId, name);
  await until(() => tryModified(at('exit')), { boundMs: 20_000, what: () => 'the agent did not exit', everyMs: 5 });
  return {
    answered,
    events,
    claimed: statSync(at('claim')).mtimeMs - startMs,
    sessionOver: loggedAt(at('agent.log'), 'session over') - startMs,
    exited: statSync(at('exit')).mtimeMs - startMs,
  };
}

function nameOf({ event_type: type, metadata }: EventView): string {
  return type === 'agent_milestone' ? String(metadata?.['milestone']) : type;
}

/** The wall clock, finer than a millisecond: what files bear. */
function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

function tryModified(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function loggedAt(file: string, message: string): number {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((text) => text.includes(`"message":"${message}"`));
  if (line === undefined) throw new Error(`${file} does not tell "${message}"`);
  return Date.parse((JSON.parse(line) as { time: string }).time);
}

function figuresOf(times: readonly TaskTimes[]): Figure[] {
  const event = (name: string) => (time: TaskTimes) => time.events.get(name) ?? Number.NaN;
  const of = (id: string, what: string, value: (time: TaskTimes) => number, rest: Partial<Figure> = {}): Figure => ({
    id,
    what,
    unit: 'ms',
    runs: times.map(value),
    ...rest,
  });
  const middle = (value: (time: TaskTimes) => number): string => `${median(times.map(value)).toFixed(0)} ms`;
  const toStart =
    `submit answered after ${middle(({ answered }) => answered)}, context hydrated after ` +
    `${middle(event('hydration_complete'))}, process claimed after ${middle(({ claimed }) => claimed)}, recorded as ` +
    `session_started after ${middle(event('session_started'))}`;
  return [
    of('submit-answered', 'submit to its answer', ({ answered }) => answered),
    of('submit-first-event', 'submit to first event', event('task_created'), {
      target: { atMost: 150 },
      madeOf: `the answer takes ${middle(({ answered }) => answered)}, the rest is opening the stream`,
    }),
    of('submit-agent-process', 'submit to agent process started', ({ claimed }) => claimed, {
      target: { atMost: 400 },
      madeOf: toStart,
    }),
    of('submit-session-started', 'submit to session_started seen by a watcher', event('session_started'), {
      target: { atMost: 400 },
      madeOf: toStart,
    }),
    of('submit-agent-event', 'submit to the first event of the agent itself', event('repo_cloned')),
    of('submit-completed', 'submit to task_completed, all of a scripted repair', event('task_completed')),
    of('agent-exit-terminal', 'agent exit to terminal status', (time) => event('task_completed')(time) - time.exited, {
      target: { atMost: 250 },
    }),
    of(
      'agent-over-terminal',
      'last act of the session, before it reports, to terminal status',
      (time) => event('task_completed')(time) - time.sessionOver,
      {
        target: { atMost: 250 },
        madeOf:
          `the agent exits ${middle(({ exited, sessionOver }) => exited - sessionOver)} after that act; finalize stops the ` +
          'session for good, asks the remote for its evidence with git and writes the end',
      },
    ),
  ];
}
