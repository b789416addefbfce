import type { Change, EventRecord, ExecutionState, OperationRecord } from '../model/execution.ts';

/** What a decision reads of an execution. */
export type ReadState = Readonly<ExecutionState>;

/**
 * Collects one change on top of a state that it does not touch, so that the updates of a batch see each other.
 */
export class Draft {
  readonly nowMs: number;
  readonly #state: ReadState;
  readonly #operations = new Map<string, OperationRecord>();
  readonly #events: EventRecord[] = [];

  constructor(state: ReadState, nowMs: number) {
    this.#state = state;
    this.nowMs = nowMs;
  }

  /** The operation as this draft leaves it. */
  find(id: string): OperationRecord | undefined {
    return this.#operations.get(id) ?? this.#state.operations.get(id);
  }

  put(operation: OperationRecord): void {
    this.#operations.set(operation.id, operation);
  }

  event(event: Omit<EventRecord, 'atMs'>): void {
    this.#events.push({ ...event, atMs: this.nowMs });
  }

  /** Ids of the operations that this draft writes. */
  get touched(): readonly string[] {
    return [...this.#operations.keys()];
  }

  get isEmpty(): boolean {
    return this.#operations.size === 0 && this.#events.length === 0;
  }

  /** The collected operations and events as a change. */
  toChange(): Pick<Change, 'operations' | 'events'> {
    return { operations: [...this.#operations.values()], events: [...this.#events] };
  }
}

/** Whether an operation will never change again. */
export function isTerminal(operation: OperationRecord): boolean {
  return operation.status !== 'STARTED' && operation.status !== 'PENDING' && operation.status !== 'READY';
}
