import type {
  ApprovalRepository,
  Clock,
  CodingAgent,
  ContextStore,
  DecisionFeed,
  EventLog,
  Forges,
  IdGenerator,
  Logger,
  PolicyLoader,
  SessionId,
  SessionSignals,
  TaskId,
  TaskRepository,
  Workspace,
} from '@abca/core';

/** The ports a session runs on. */
export interface SessionDeps {
  readonly tasks: TaskRepository;
  readonly events: EventLog;
  readonly contexts: ContextStore;
  readonly signals: SessionSignals;
  readonly workspace: Workspace;
  /** By their kind: the task's settings say which is its own. */
  readonly forges: Forges;
  readonly agent: CodingAgent;
  /** Loads and validates the policies. A rejection ends the task with its cause before anything else is done. */
  readonly policies: PolicyLoader;
  readonly approvals: ApprovalRepository;
  /** Absent: decisions are found by polling alone. */
  readonly decisionFeed?: DecisionFeed;
  readonly ids: Pick<IdGenerator, 'newRequestId'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Which session this is, and what it may use. */
export interface Session {
  readonly taskId: TaskId;
  readonly sessionId: SessionId;
  readonly generation: number;
  /** Between two renewals of the lease, in milliseconds. */
  readonly heartbeatMs: number;
  /** How long a lease lasts from its renewal on, in milliseconds. */
  readonly leaseMs: number;
  /** Absolute path of a folder for checkouts. */
  readonly workspaceDir: string;
  /** Absolute path of the folder that is HOME to everything the agent starts. */
  readonly homeDir: string;
}
