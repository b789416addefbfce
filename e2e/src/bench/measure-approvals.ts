import type { EventView } from '@abca/app-api';
import { call, submit } from '../support/api.ts';
import { repo, startBundledPlatform, type BundledPlatform } from './bundled-platform.ts';
import { followTask } from './event-stream.ts';
import type { Measurement } from './figure.ts';

const script = {
  turns: [
    { text: 'I write it.', tools: [{ name: 'Write', input: { file_path: '{{workspace}}/.env', content: 'A=1' } }] },
    { text: 'Done.' },
  ],
};

/** Moments of one approval, in milliseconds. */
interface ApprovalTimes {
  /** From the transaction of the decision to the one that takes the task up again, by the times of their events. */
  readonly resumed: number;
  /** From the call of the API to its answer. */
  readonly answered: number;
  /** From the call of the API to the arrival of `approval_granted` at a watcher. */
  readonly seen: number;
  /** From the call of the gate to the arrival of `approval_requested` at a watcher. */
  readonly asked: number;
}

/** How long an agent stands still after a person has decided. */
export const measureApprovals: Measurement = {
  name: 'approvals',
  how:
    'A task on `bgagent up` with the real agent program asks for an approval, and a process that watches it over SSE approves at ' +
    'once. The agent has resumed when its task is RUNNING again, in the transaction that writes `approval_granted`; the decision ' +
    'is made in the one that writes `approval_decision_recorded`.',
  async measure({ runs }) {
    const platform = await startBundledPlatform({ script });
    try {
      await approveOne(platform);
      const times: ApprovalTimes[] = [];
      for (let run = 0; run < runs; run += 1) times.push(await approveOne(platform));
      const of = (field: keyof ApprovalTimes): number[] => times.map((time) => time[field]);
      return [
        {
          id: 'decision-resumed',
          what: 'decision to agent resumed',
          unit: 'ms',
          runs: of('resumed'),
          target: { atMost: 100 },
        },
        { id: 'decision-answered', what: 'call of the API to its answer', unit: 'ms', runs: of('answered') },
        { id: 'decision-seen', what: 'call of the API to approval_granted at a watcher', unit: 'ms', runs: of('seen') },
        { id: 'asked-seen', what: 'tool call to approval_requested at a watcher', unit: 'ms', runs: of('asked') },
      ];
    } finally {
      await platform.stop();
    }
  },
};

async function approveOne(platform: BundledPlatform): Promise<ApprovalTimes> {
  const { task_id: taskId } = await submit(platform, { repo, task_description: 'Write it.' });
  const times = { answered: 0, decidedAtMs: 0, recorded: 0, granted: 0, seenAtMs: 0, askedAtMs: 0, calledAt: 0 };
  let answering: Promise<void> | undefined;
  await followTask(platform, taskId, (event) => {
    const name = nameOf(event);
    if (name === 'agent_tool_call') times.calledAt ||= Date.parse(event.timestamp);
    if (name === 'approval_decision_recorded') times.recorded = Date.parse(event.timestamp);
    if (name === 'approval_granted') {
      times.granted = Date.parse(event.timestamp);
      times.seenAtMs = performance.now();
    }
    if (name !== 'approval_requested') return;
    times.askedAtMs = Date.now();
    answering = approve(platform, taskId, String((event.metadata as Record<string, unknown>)['request_id'])).then(
      ({ startMs, endMs }) => {
        times.decidedAtMs = startMs;
        times.answered = endMs - startMs;
      },
    );
  });
  await answering;
  if (times.granted === 0) throw new Error(`task ${taskId} was not approved`);
  return {
    resumed: times.granted - times.recorded,
    answered: times.answered,
    seen: times.seenAtMs - times.decidedAtMs,
    asked: times.askedAtMs - times.calledAt,
  };
}

async function approve(
  platform: BundledPlatform,
  taskId: string,
  requestId: string,
): Promise<{ readonly startMs: number; readonly endMs: number }> {
  const startMs = performance.now();
  const { status } = await call(platform, 'POST', `/v1/tasks/${taskId}/approve`, { body: { request_id: requestId } });
  if (status !== 202) throw new Error(`not approved: HTTP ${String(status)}`);
  return { startMs, endMs: performance.now() };
}

function nameOf({ event_type: type, metadata }: EventView): string {
  return type === 'agent_milestone' ? String((metadata as Record<string, unknown>)['milestone']) : type;
}
