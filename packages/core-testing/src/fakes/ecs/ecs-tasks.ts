import { randomUUID } from 'node:crypto';
import { ecsArn, type EcsTaskDefinition } from './ecs-definitions.ts';
import { invalidParameter } from './ecs-errors.ts';
import { EcsIdempotency } from './ecs-idempotency.ts';
import {
  environmentOf,
  type DescribeTasksRequest,
  type ListTasksRequest,
  type RunTaskRequest,
  type StopTaskRequest,
} from './ecs-requests.ts';
import { EcsTask, renderTask } from './ecs-task.ts';

/** How long a stopped task is still shown. AWS says "at least one hour"; the fake takes it at its least. */
const rememberedMs = 3_600_000;

type Rendered = Readonly<Record<string, unknown>>;

/** Knobs, read at each call. */
export interface EcsTasksKnobs {
  readonly hiddenDescribes: number;
  readonly staleDescribes: number;
  readonly pageSize: number;
}

interface Kept {
  readonly task: EcsTask;
  hiddenFor: number;
  stale: { readonly view: Rendered; left: number } | undefined;
}

/** The tasks of the account, and what each operation shows and does of them. */
export class EcsTasks {
  readonly #kept: Kept[] = [];
  readonly #knobs: EcsTasksKnobs;
  /** Whether a task moves one state on each time it is described. */
  readonly #moves: boolean;
  readonly #nowMs: () => number;
  readonly #idempotency = new EcsIdempotency();

  constructor(knobs: EcsTasksKnobs, { moves, nowMs }: { readonly moves: boolean; readonly nowMs: () => number }) {
    this.#knobs = knobs;
    this.#moves = moves;
    this.#nowMs = nowMs;
  }

  get all(): readonly EcsTask[] {
    return this.#kept.map(({ task }) => task);
  }

  /** @throws EcsFault ConflictException */
  findStarted(request: RunTaskRequest, clusterArn: string): readonly EcsTask[] | undefined {
    return this.#idempotency.find(request, clusterArn, this.#nowMs());
  }

  create(
    request: RunTaskRequest,
    { clusterArn, definition }: { readonly clusterArn: string; readonly definition: EcsTaskDefinition },
  ): readonly EcsTask[] {
    const { startedBy, overrides = {}, tags = [], count = 1 } = request;
    const createdAtMs = this.#nowMs();
    const cluster = clusterArn.split('/').at(-1) ?? '';
    const tasks = Array.from({ length: count }, () => {
      const arn = ecsArn(`task/${cluster}/${randomUUID().replaceAll('-', '')}`);
      const origin = { arn, clusterArn, definition, createdAtMs, startedBy, overrides, tags };
      const containers = definition.containers.map((defined) => ({
        name: defined.name,
        environment: environmentOf(defined, request),
      }));
      return new EcsTask(origin, containers);
    });
    this.#kept.push(...tasks.map((task) => ({ task, hiddenFor: this.#knobs.hiddenDescribes, stale: undefined })));
    this.#idempotency.keep(request, clusterArn, { tasks, madeAtMs: createdAtMs });
    return tasks;
  }

  describe({ tasks: wanted = [] }: DescribeTasksRequest, clusterArn: string): Rendered {
    if (wanted.length === 0) throw invalidParameter('Tasks cannot be empty.');
    if (wanted.length > 100) throw invalidParameter('Tasks can have at most 100 items.');
    const found = wanted.map((id) => ({ id, kept: this.#look(id, clusterArn) }));
    return {
      tasks: found.flatMap(({ kept }) => (kept === undefined ? [] : [this.#show(kept)])),
      failures: found.filter(({ kept }) => kept === undefined).map(({ id }) => ({ arn: id, reason: 'MISSING' })),
    };
  }

  list(request: ListTasksRequest, clusterArn: string): Rendered {
    const { startedBy, family, desiredStatus = 'RUNNING', maxResults = 100, nextToken = '0' } = request;
    if (startedBy !== undefined && family !== undefined) {
      throw invalidParameter('startedBy must be the only filter.');
    }
    const matching = this.#kept
      .filter((kept) => kept.hiddenFor === 0 && this.#isShown(kept, clusterArn))
      .map(({ task }) => task)
      .filter((task) => (task.stop === undefined ? 'RUNNING' : 'STOPPED') === desiredStatus)
      .filter(({ origin }) => startedBy === undefined || origin.startedBy === startedBy)
      .filter(({ origin }) => family === undefined || origin.definition.family === family);
    const from = Number(nextToken);
    const to = from + Math.min(maxResults, this.#knobs.pageSize);
    return {
      taskArns: matching.slice(from, to).map(({ origin }) => origin.arn),
      ...(to < matching.length && { nextToken: String(to) }),
    };
  }

  /** Ask a task to stop; one that has stopped stays as it is. Also finds what DescribeTasks does not show yet. */
  stop({ task: id = '', reason }: StopTaskRequest, clusterArn: string): EcsTask {
    const kept = this.#find(id, clusterArn);
    if (kept === undefined) throw invalidParameter('The referenced task was not found.');
    this.#alter(kept, (task) => {
      task.requestStop({ stopCode: 'UserInitiated', stoppedReason: reason ?? 'Task stopped by user' });
    });
    return kept.task;
  }

  /** @throws Error when there is no such task: a mistake of the test */
  change(taskArn: string, act: (task: EcsTask) => void): void {
    const kept = this.#kept.find(({ task }) => task.origin.arn === taskArn);
    if (kept === undefined) throw new Error(`there is no task ${taskArn}`);
    this.#alter(kept, act);
  }

  render(tasks: readonly EcsTask[]): { readonly tasks: readonly Rendered[]; readonly failures: readonly [] } {
    return { tasks: tasks.map(renderTask), failures: [] };
  }

  #alter(kept: Kept, act: (task: EcsTask) => void): void {
    const left = this.#knobs.staleDescribes;
    if (left > 0) kept.stale ??= { view: renderTask(kept.task), left };
    act(kept.task);
  }

  /** What DescribeTasks finds: a task that is still hidden comes nearer with each look. */
  #look(id: string, clusterArn: string): Kept | undefined {
    const kept = this.#find(id, clusterArn);
    if (kept === undefined || kept.hiddenFor === 0) return kept;
    kept.hiddenFor -= 1;
    return undefined;
  }

  #find(id: string, clusterArn: string): Kept | undefined {
    return this.#kept.find(
      (kept) =>
        [kept.task.origin.arn, kept.task.origin.arn.split('/').at(-1)].includes(id) && this.#isShown(kept, clusterArn),
    );
  }

  #isShown({ task }: Kept, clusterArn: string): boolean {
    if (task.origin.clusterArn !== clusterArn) return false;
    return task.stoppedAtMs === undefined || this.#nowMs() < task.stoppedAtMs + rememberedMs;
  }

  #show(kept: Kept): Rendered {
    if (kept.stale !== undefined) {
      const { view, left } = kept.stale;
      kept.stale = left > 1 ? { view, left: left - 1 } : undefined;
      return view;
    }
    const view = renderTask(kept.task);
    if (this.#moves) kept.task.step(this.#nowMs());
    return view;
  }
}
