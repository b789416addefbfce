import type { NewTaskEvent } from '../events/task-event.ts';
import type { SessionId } from '../ids/ids.ts';
import type { ApprovalRepository } from '../ports/approval-repository.ts';
import type { Clock } from '../ports/clock.ts';
import type { DecisionFeed } from '../ports/decision-feed.ts';
import type { IdGenerator } from '../ports/id-generator.ts';
import type { Logger } from '../ports/logger.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import type { Task } from '../task/task.ts';

/** The ports of a gate. */
export interface ToolGateDeps {
  /** Absent: everything is denied. */
  readonly engine: PolicyEngine | undefined;
  readonly approvals: ApprovalRepository;
  readonly tasks: Pick<TaskRepository, 'transition' | 'find'>;
  readonly clock: Clock;
  readonly ids: Pick<IdGenerator, 'newRequestId'>;
  readonly logger: Logger;
  /** Tell what happens, in order. Does not reject. */
  publish(...events: readonly NewTaskEvent[]): Promise<void>;
  /** Resolves when what was told has been written, or given up. Does not reject. */
  flush(): Promise<void>;
  /** Absent: decisions are found by polling alone. */
  readonly feed?: DecisionFeed | undefined;
  readonly stop: GateStop;
}

/** Whether the session is ending. */
export interface GateStop {
  readonly signal: AbortSignal;
  /** Why, once it is. */
  reason(): { readonly failure: { readonly message: string } } | undefined;
}

/** Whose calls a gate judges, and by which settings. */
export interface ToolGateScope {
  readonly task: Task;
  readonly session: { readonly sessionId: SessionId; readonly generation: number };
  /** Absolute path of the checkout. */
  readonly workspaceDir: string;
  readonly protectedBranches: readonly string[];
  /** Most requests of the task. */
  readonly gateCap: number;
  /** How long a person is waited for unless a rule says less, in seconds. */
  readonly approvalTimeoutS: number;
  /** Kept back before the deadline of the task, in milliseconds. */
  readonly cleanupMarginMs: number;
}
