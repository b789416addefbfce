import { EcsFault } from './ecs-errors.ts';
import type { RunTaskRequest } from './ecs-requests.ts';
import type { EcsTask } from './ecs-task.ts';

const hourMs = 3_600_000;

interface Entry {
  readonly request: string;
  readonly tasks: readonly EcsTask[];
  readonly madeAtMs: number;
}

/**
 * Requests of RunTask that went well, by cluster and client token. A token is known for 24 hours, or for the lifetime of its
 * tasks and one hour, whichever is less.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
 */
export class EcsIdempotency {
  readonly #entries = new Map<string, Entry>();

  /**
   * The tasks of an earlier request with this token.
   *
   * @throws EcsFault ConflictException, with their ARNs, when that request was another one
   */
  find(request: RunTaskRequest, clusterArn: string, nowMs: number): readonly EcsTask[] | undefined {
    const entry = this.#entries.get(keyOf(request, clusterArn));
    if (request.clientToken === undefined || entry === undefined || isForgotten(entry, nowMs)) return undefined;
    if (entry.request === canonical(request)) return entry.tasks;
    throw new EcsFault('ConflictException', 'The clientToken is already in use with a different RunTask request.', {
      resourceIds: entry.tasks.map(({ origin }) => origin.arn),
    });
  }

  keep(request: RunTaskRequest, clusterArn: string, made: Omit<Entry, 'request'>): void {
    this.#entries.set(keyOf(request, clusterArn), { ...made, request: canonical(request) });
  }
}

function keyOf({ clientToken = '' }: RunTaskRequest, clusterArn: string): string {
  return `${clusterArn} ${clientToken}`;
}

function isForgotten({ tasks, madeAtMs }: Entry, nowMs: number): boolean {
  if (nowMs >= madeAtMs + 24 * hourMs) return true;
  return tasks.every(({ stoppedAtMs }) => stoppedAtMs !== undefined && nowMs >= stoppedAtMs + hourMs);
}

/** Members in the order of their names; lists keep theirs. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
