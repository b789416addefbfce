import type { Approval } from '../approval/approval.ts';
import { canonicalHash } from '../crypto/canonical-hash.ts';
import type { NewTaskEvent, TaskEvent } from '../events/task-event.ts';
import { mintSessionId, type RequestId } from '../ids/ids.ts';
import type { JudgedCall, PolicyRequest, RuleFindings, RuleMatch } from '../policy/policy-types.ts';
import type { Decision, DecideResult } from '../ports/approval-repository.ts';
import type { ToolCall, ToolVerdict } from '../ports/coding-agent.ts';
import type { Task } from '../task/task.ts';
import { anApproval, aTask } from '../testing/builders.ts';
import { CapturingLogger } from '../testing/capturing-logger.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { aRule, aSoftMatch, FakePolicyEngine, someFindings } from '../testing/fake-policies.ts';
import { InMemoryApprovalRepository } from '../testing/in-memory-approval-repository.ts';
import { InMemoryEventLog } from '../testing/in-memory-event-log.ts';
import { InMemoryTaskRepository } from '../testing/in-memory-task-repository.ts';
import { SequentialIds } from '../testing/sequential-ids.ts';
import type { ToolGateDeps, ToolGateScope } from './gate-deps.ts';
import { freshMemory, type GateMemory } from './gate-memory.ts';
import { ToolGate } from './tool-gate.ts';

/** Looks like a credential, and is none. */
export const secret = `ghp_${'a1B2'.repeat(9)}`;

/** Where the checkouts of these tests are. */
export const workspaceDir = '/work/repo';

/** The row of these tests' task: RUNNING, its session the first. */
export const runningTask: Task = aTask({ status: 'RUNNING' });

/** Stands between a gate and its stores. */
export type StoreSeam = <T extends object>(name: string, port: T) => T;

/** What may be set about a world. */
export interface GateWorldOptions {
  readonly memory?: GateMemory;
  readonly task?: Task;
  readonly scope?: Partial<ToolGateScope>;
  readonly deps?: Partial<ToolGateDeps>;
  readonly seam?: StoreSeam;
}

/** A gate over stores in memory, with a clock that is told to move and an engine that is told what to find. */
export interface GateWorld {
  readonly clock: FakeClock;
  readonly events: InMemoryEventLog;
  readonly tasks: InMemoryTaskRepository;
  readonly approvals: InMemoryApprovalRepository;
  readonly engine: FakePolicyEngine;
  readonly logger: CapturingLogger;
  readonly deps: ToolGateDeps;
  readonly scope: ToolGateScope;
  readonly gate: ToolGate;
  /** The session ends from now on. */
  stop(message?: string): void;
}

/** A world in which the task is stored as it is given. */
export async function createGateWorld(options: GateWorldOptions = {}): Promise<GateWorld> {
  const clock = new FakeClock();
  const ids = new SequentialIds();
  const events = new InMemoryEventLog(clock, ids);
  const tasks = new InMemoryTaskRepository(events);
  const approvals = new InMemoryApprovalRepository(tasks);
  const engine = new FakePolicyEngine();
  engine.answer = judgeByCommand;
  const logger = new CapturingLogger();
  const { task = runningTask, seam = (_name, port) => port } = options;
  await tasks.create({ task, events: [] });
  const ending = new AbortController();
  let reason: { readonly failure: { readonly message: string } } | undefined;
  const deps: ToolGateDeps = {
    engine,
    approvals: seam('approvals', approvals),
    tasks: seam('tasks', tasks),
    clock,
    ids,
    logger,
    publish: (...told: readonly NewTaskEvent[]) => {
      events.appendNow(task, told);
      return Promise.resolve();
    },
    flush: () => Promise.resolve(),
    stop: { signal: ending.signal, reason: () => reason },
    ...options.deps,
  };
  const scope = scopeOf(task, options.scope);
  const stop = (message = 'the lease was lost'): void => {
    reason = { failure: { message } };
    ending.abort(new Error(message));
  };
  const gate = new ToolGate(deps, scope, options.memory ?? freshMemory());
  return { clock, events, tasks, approvals, engine, logger, deps, scope, gate, stop };
}

/** A scope of the task's own session. */
export function scopeOf(task: Task, fields: Partial<ToolGateScope> = {}): ToolGateScope {
  const { sessionId = mintSessionId(task.taskId, 1), generation } = task;
  return {
    task,
    session: { sessionId, generation },
    workspaceDir,
    protectedBranches: ['main'],
    gateCap: 50,
    approvalTimeoutS: 300,
    cleanupMarginMs: 120_000,
    ...fields,
  };
}

/** A shell call. */
export function aShellCall(command: string, fields: Partial<ToolCall> = {}): ToolCall {
  return { toolName: 'Bash', input: { command }, toolUseId: 'call-1', turn: 1, ...fields };
}

/** A call that a soft rule matches in these worlds. */
export const forcePush = aShellCall('git push --force');

/** That rule, matching on the command. */
export function forcePushMatch(fields: Parameters<typeof aSoftMatch>[0] = {}): RuleMatch {
  return aSoftMatch({ ruleId: 'force_push_any', summary: 'a force push rewrites history', ...fields });
}

/** How these worlds' engine judges: a push is asked about, the end of all files is forbidden, all else nobody minds. */
export function judgeByCommand({ input }: PolicyRequest): RuleFindings {
  const command = String((input as { readonly command?: unknown } | null)?.command ?? '');
  return someFindings(matchesOf(command), { commands: [command], input: { command } } satisfies Partial<JudgedCall>);
}

function matchesOf(command: string): readonly RuleMatch[] {
  if (command.startsWith('rm -rf /')) {
    return [{ rule: aRule({ ruleId: 'rm_slash', summary: 'nothing would be left' }), subjects: [{ kind: 'command' }] }];
  }
  if (command.startsWith('git push')) return [forcePushMatch()];
  if (command.startsWith('deploy')) return [aSoftMatch({ ruleId: 'deploys', severity: 'high', approvalTimeoutS: 60 })];
  return [];
}

/** A turn takes microseconds; a hash on a busy machine may take many turns. */
const longestMs = 3_000;

/** Waits, turn by turn of the event loop and not for ever, until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, what = 'a condition'): Promise<void> {
  const startMs = performance.now();
  while (performance.now() - startMs < longestMs) {
    if (await condition()) return;
    await nextTurn();
  }
  throw new Error(`${what} did not come about`);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Lets everything run that waits for nothing but turns of the event loop, hashes too. */
export async function quiet(): Promise<void> {
  // Later than any hash that was begun before it, as good as surely.
  await canonicalHash(null);
  for (let turn = 0; turn < 12; turn += 1) await nextTurn();
}

/** Whatever is open for the task, as it is stored. */
export async function openRequests({ approvals, clock, scope }: GateWorld): Promise<readonly Approval[]> {
  const { userId, taskId } = scope.task;
  const { approvals: open } = await approvals.listPending({ userId, nowMs: clock.nowMs(), limit: 100 });
  const found = await Promise.all(open.map(({ requestId }) => approvals.find({ taskId, requestId })));
  return found.filter((approval) => approval !== undefined);
}

/** The request that comes to be open, and that the gate has begun to wait for. */
export async function openRequest(world: GateWorld): Promise<Approval> {
  let open: readonly Approval[] = [];
  await until(async () => {
    open = await openRequests(world);
    return open.length > 0 && world.clock.sleeping > 0;
  }, 'a request');
  return open[0]!;
}

/** What a person answers, as a use case would write it. */
export function decide(
  { approvals, clock, scope }: GateWorld,
  requestId: RequestId,
  decision: Decision,
  atMs: number = clock.nowMs(),
): Promise<DecideResult> {
  const { taskId, userId } = scope.task;
  const made = decision.kind === 'approve' ? 'approved' : 'denied';
  const metadata = { request_id: requestId, decision: made, by: userId } as const;
  const events = [{ eventType: 'approval_decision_recorded', metadata }] as const;
  return approvals.decide({ taskId, requestId, userId, decision, atMs, events });
}

/** Approve the request that comes to be open. */
export async function approveNext(world: GateWorld, scope = 'this_call'): Promise<Approval> {
  const request = await openRequest(world);
  await decide(world, request.requestId, { kind: 'approve', scope });
  return request;
}

/** Deny the request that comes to be open. */
export async function denyNext(world: GateWorld, reason?: string): Promise<Approval> {
  const request = await openRequest(world);
  await decide(world, request.requestId, { kind: 'deny', ...(reason !== undefined && { reason }) });
  return request;
}

/** What `work` comes to while the clock is moved on, by at most `mostMs` milliseconds of its time. */
export async function finish<T>({ clock }: GateWorld, work: Promise<T>, mostMs = 900_000, stepMs = 1_000): Promise<T> {
  let isOver = false;
  const over = (): void => void (isOver = true);
  work.then(over, over);
  for (let passedMs = 0; passedMs <= mostMs; passedMs += stepMs) {
    await nextTurn();
    await until(() => isOver || clock.sleeping > 0, 'an end or a sleep');
    if (isOver) return work;
    await clock.advance(stepMs);
  }
  throw new Error(`not over after ${String(mostMs)} ms`);
}

/** Judge a call that is asked about, have a person answer, and come back with the verdict. */
export async function judgeAndAnswer(
  world: GateWorld,
  call: ToolCall,
  answer: (world: GateWorld) => Promise<Approval>,
): Promise<{ readonly verdict: ToolVerdict; readonly request: Approval }> {
  const judging = world.gate.judge(call);
  const request = await answer(world);
  return { verdict: await finish(world, judging), request };
}

/** The task as it is stored. */
export async function taskOf({ tasks, scope }: GateWorld): Promise<Task> {
  const task = await tasks.find(scope.task.taskId);
  if (task === undefined) throw new Error('the task is gone');
  return task;
}

/** The whole log of the task. */
export function logOf({ events, scope }: GateWorld): Promise<readonly TaskEvent[]> {
  return events.read({ taskId: scope.task.taskId, after: 0, limit: 1_000 });
}

/** The log in short: milestones by their names, all else by its type. */
export async function toldIn(world: GateWorld): Promise<readonly string[]> {
  return (await logOf(world)).map(({ eventType, metadata }) => String(metadata['milestone'] ?? eventType));
}

/** The fields of the only event that tells of `name`. */
export async function fieldsOf(world: GateWorld, name: string): Promise<Readonly<Record<string, unknown>>> {
  const found = (await logOf(world)).filter(({ eventType, metadata }) => (metadata['milestone'] ?? eventType) === name);
  if (found.length !== 1) throw new Error(`${name} was told ${String(found.length)} times`);
  return found[0]!.metadata;
}

/** A task whose session ended while it waited for a person, as the next session, the second, finds it. */
export async function leaveOpen(
  { tasks, approvals, clock }: Pick<GateWorld, 'tasks' | 'approvals' | 'clock'>,
  call: ToolCall,
  fields: Partial<Approval> = {},
): Promise<{ readonly task: Task; readonly request: Approval }> {
  const { taskId, userId, repo } = runningTask;
  const request = anApproval({
    taskId,
    userId,
    repo,
    toolName: call.toolName,
    inputSha256: await canonicalHash(call.input),
    ...fields,
  });
  const session = scopeOf(runningTask).session;
  await approvals.request({ approval: request, expectSession: session, atMs: clock.nowMs(), events: [] });
  const patch = { sessionId: mintSessionId(taskId, 2), generation: 2 };
  const taken = await tasks.amend({ taskId, atMs: clock.nowMs(), whileIn: ['AWAITING_APPROVAL'], patch });
  if (taken.kind !== 'moved') throw new Error('the task does not wait');
  return { task: taken.task, request };
}
