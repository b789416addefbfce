import { closingBy, isClosedBy, judgeDecision } from '../approval/approval-rules.ts';
import { pendingApprovalSchema, type Approval } from '../approval/approval.ts';
import { AbcaError } from '../errors/abca-error.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type {
  ApprovalDecision,
  ApprovalRepository,
  DecideResult,
  ExpireResult,
  NewApproval,
  PendingPage,
  RequestResult,
} from '../ports/approval-repository.ts';
import { meetsCondition } from '../task/status-write.ts';
import type { Task } from '../task/task.ts';
import { parseIso } from '../time/iso-time.ts';
import { InMemoryTaskRepository } from './in-memory-task-repository.ts';

type Key = Pick<Approval, 'taskId' | 'requestId'>;

/**
 * {@link ApprovalRepository} in memory, over the tasks whose requests it holds. Each call is one turn of the event loop, so
 * calls are atomic, together with the tasks. One per task repository: the end of a task closes the requests of that one.
 */
export class InMemoryApprovalRepository implements ApprovalRepository {
  readonly #approvals = new Map<string, Approval>();
  readonly #tasks: InMemoryTaskRepository;

  constructor(tasks: InMemoryTaskRepository = new InMemoryTaskRepository()) {
    this.#tasks = tasks;
    tasks.onWaitEnded = ({ atMs, ...key }) => {
      const open = this.#approvals.get(keyOf(key));
      if (open?.status === 'PENDING') this.#put({ ...open, ...closingBy('STRANDED', atMs) });
    };
  }

  async request(
    { approval, expectSession, atMs, events }: NewApproval,
    options: CallOptions = {},
  ): Promise<RequestResult> {
    options.signal?.throwIfAborted();
    const { taskId, requestId } = approval;
    const task = this.#tasks.findNow(taskId);
    if (task !== undefined && this.#isRepeat(approval, task, expectSession)) return { kind: 'requested', task };
    const isFree = !this.#approvals.has(keyOf(approval));
    if (!isFree && task?.status === 'RUNNING' && meetsCondition(task, expectSession)) {
      throw new AbcaError('STORE_ERROR', `approval request ${requestId} exists already`);
    }
    const patch = { awaitingApprovalRequestId: requestId };
    const move = { taskId, from: 'RUNNING', to: 'AWAITING_APPROVAL', atMs, patch, expectSession, events } as const;
    const result = this.#tasks.transitionNow(move);
    if (result.kind === 'absent') return { kind: 'lost', task: undefined };
    if (result.kind === 'lost') return result;
    this.#put(approval);
    return { kind: 'requested', task: result.task };
  }

  async decide(decision: ApprovalDecision, options: CallOptions = {}): Promise<DecideResult> {
    options.signal?.throwIfAborted();
    const judged = judgeDecision(this.#find(decision), decision);
    if (judged.kind === 'closed') return judged.result;
    if (this.#tasks.findNow(decision.taskId)?.awaitingApprovalRequestId !== decision.requestId) {
      return { kind: 'task_moved_on' };
    }
    const decided = { ...judged.approval, ...judged.closing };
    this.#put(decided);
    this.#tasks.appendNow(decided, decision.events);
    return { kind: 'decided', approval: decided };
  }

  async expire({ atMs, ...key }: Key & { readonly atMs: number }, options: CallOptions = {}): Promise<ExpireResult> {
    options.signal?.throwIfAborted();
    const approval = this.#find(key);
    if (approval === undefined) return { kind: 'absent' };
    const closing = closingBy('TIMED_OUT', atMs);
    if (isClosedBy(approval, closing)) return { kind: 'expired', approval };
    if (approval.status !== 'PENDING') return { kind: 'lost', approval };
    const expired = { ...approval, ...closing };
    this.#put(expired);
    return { kind: 'expired', approval: expired };
  }

  async find(key: Key, options: CallOptions = {}): Promise<Approval | undefined> {
    options.signal?.throwIfAborted();
    return this.#find(key);
  }

  async listPending(
    { userId, nowMs, limit, nextToken }: Parameters<ApprovalRepository['listPending']>[0],
    options: CallOptions = {},
  ): Promise<PendingPage> {
    options.signal?.throwIfAborted();
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
      throw new AbcaError('VALIDATION_ERROR', `limit is ${String(limit)}; it must be 1 to 100`);
    }
    const after = nextToken === undefined ? '' : this.#requestIdOf(nextToken);
    const open = [...this.#approvals.values()]
      .filter((approval) => approval.userId === userId && approval.requestId > after && isOpen(approval, nowMs))
      .sort((a, b) => (a.requestId < b.requestId ? -1 : 1));
    const approvals = open.slice(0, limit).map((approval) => pendingApprovalSchema.parse(structuredClone(approval)));
    const last = approvals.at(-1);
    return { approvals, ...(last !== undefined && open.length > limit && { nextToken: last.requestId }) };
  }

  /** Remove a request as a store does after its ttl. For tests. */
  forget(key: Key): void {
    this.#approvals.delete(keyOf(key));
  }

  /** The answer to a request was lost: the task waits for this very one. */
  #isRepeat(approval: Approval, task: Task, expectSession: NewApproval['expectSession']): boolean {
    const awaitingApprovalRequestId = approval.requestId;
    return (
      meetsCondition(task, { status: 'AWAITING_APPROVAL', awaitingApprovalRequestId, ...expectSession }) &&
      this.#approvals.get(keyOf(approval))?.inputSha256 === approval.inputSha256
    );
  }

  #requestIdOf(nextToken: string): string {
    const known = [...this.#approvals.values()].find(({ requestId }) => requestId === nextToken);
    if (known === undefined) throw new AbcaError('VALIDATION_ERROR', 'next_token is not one this listing gave');
    return known.requestId;
  }

  #find(key: Key): Approval | undefined {
    return structuredClone(this.#approvals.get(keyOf(key)));
  }

  #put(approval: Approval): void {
    this.#approvals.set(keyOf(approval), structuredClone(approval));
  }
}

function keyOf({ taskId, requestId }: Key): string {
  return `${taskId} ${requestId}`;
}

function isOpen({ status, expiresAt }: Approval, nowMs: number): boolean {
  return status === 'PENDING' && parseIso(expiresAt) > nowMs;
}
