import type { Clock } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import {
  startLoopbackServer,
  type LoopbackAnswer,
  type LoopbackRequest,
  type LoopbackServer,
} from '../loopback-server.ts';
import type { ContainerLauncher } from './container-launcher.ts';
import { ecsArn, EcsTaskDefinitions, type EcsTaskDefinition, type EcsTaskDefinitionInput } from './ecs-definitions.ts';
import { clientError, EcsFault, invalidParameter } from './ecs-errors.ts';
import { EcsTroubles, type EcsOperation, type EcsTrouble, type HeldCall } from './ecs-faults.ts';
import { EcsRuns } from './ecs-runs.ts';
import { EcsTasks } from './ecs-tasks.ts';
import type { EcsContainerState, EcsStop, EcsTask } from './ecs-task.ts';
import { checkRunTask, type RunTaskRequest } from './ecs-requests.ts';

/** Settings of a {@link FakeEcs}. */
export interface FakeEcsOptions {
  /** Names of the clusters. @default ['abca'] */
  readonly clusters?: readonly string[];
  /** The service's time. @default a FakeClock */
  readonly clock?: Pick<Clock, 'nowMs'>;
  /** Runs the containers. Without one, tasks are moved by DescribeTasks and by the test. */
  readonly launcher?: ContainerLauncher;
}

/** A call as it came in. */
export interface EcsCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const target = 'AmazonEC2ContainerServiceV20141113.';

/**
 * Amazon ECS on loopback, as far as sessions need it. See `ecs.md` for its behaviour, its sources and its knobs.
 */
export class FakeEcs {
  /** Every call, oldest first, those that went wrong among them. */
  readonly calls: EcsCall[] = [];
  /** DescribeTasks and ListTasks do not see a new task before it was asked for as often as this. */
  hiddenDescribes = 0;
  /** DescribeTasks goes on showing a task as it was before its last change for as many calls. */
  staleDescribes = 0;
  /** Most ARNs of one page of ListTasks. */
  pageSize = 100;
  readonly #definitions = new EcsTaskDefinitions();
  readonly #troubles = new EcsTroubles();
  readonly #failures: string[] = [];
  readonly #clusters: readonly string[];
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #tasks: EcsTasks;
  readonly #runs: EcsRuns;
  #server: LoopbackServer | undefined;

  private constructor({ clusters = ['abca'], clock = new FakeClock(), launcher }: FakeEcsOptions) {
    this.#clusters = clusters;
    this.#clock = clock;
    this.#runs = new EcsRuns(launcher, () => clock.nowMs());
    this.#tasks = new EcsTasks(this, { moves: launcher === undefined, nowMs: () => clock.nowMs() });
  }

  static async start(options: FakeEcsOptions = {}): Promise<FakeEcs> {
    const ecs = new FakeEcs(options);
    ecs.#server = await startLoopbackServer((request) => ecs.#answer(request));
    return ecs;
  }

  /** Where clients find it. Any credentials do. */
  get url(): string {
    return this.#server?.url ?? '';
  }

  /** Free the port and kill every container that still runs. */
  async close(): Promise<void> {
    await Promise.all([this.#server?.close(), this.#runs.close()]);
  }

  clusterArn(name = 'abca'): string {
    return ecsArn(`cluster/${name}`);
  }

  registerTaskDefinition(input: EcsTaskDefinitionInput): EcsTaskDefinition {
    return this.#definitions.register(input);
  }

  /** The next `times` calls of `operation` go wrong. `Infinity` for all. */
  failNext(operation: EcsOperation, trouble: EcsTrouble, times = 1): void {
    this.#troubles.plan(operation, trouble, times);
  }

  /** The next RunTask calls answer 200 with these `failures` and no task, one reason each. */
  failNextRunTask(...reasons: readonly string[]): void {
    this.#failures.push(...reasons);
  }

  /** The next call of `operation` waits until it is released, or its caller hangs up. */
  holdNext(operation: EcsOperation): HeldCall {
    return this.#troubles.hold(operation);
  }

  /** All tasks that ever were, oldest first, forgotten ones too. */
  tasks(): readonly EcsTask[] {
    return this.#tasks.all;
  }

  /** Move a task one state on. */
  step(taskArn: string): void {
    this.#tasks.change(taskArn, (task) => {
      task.step(this.#clock.nowMs());
    });
  }

  /** Move a task to RUNNING, or to STOPPED when it is to stop. */
  settle(taskArn: string): void {
    this.#tasks.change(taskArn, (task) => {
      task.settle(this.#clock.nowMs());
    });
  }

  /** End a container by itself: the task is on its way to STOPPED, see {@link settle}. */
  endContainer(taskArn: string, name: string, exit: Pick<EcsContainerState, 'exitCode' | 'reason'>): void {
    this.#tasks.change(taskArn, (task) => {
      task.settle(this.#clock.nowMs());
      task.endContainer(name, exit);
    });
  }

  /** Stop a task for a reason of the service's own. Before RUNNING its containers never start, and get no exit code. */
  stopTask(taskArn: string, stop: EcsStop): void {
    this.#tasks.change(taskArn, (task) => {
      task.requestStop(stop);
      task.settle(this.#clock.nowMs());
    });
  }

  async #answer(request: LoopbackRequest): Promise<LoopbackAnswer> {
    const operation = request.headers['x-amz-target']?.replace(target, '') ?? '';
    const input = JSON.parse(request.body || '{}') as Readonly<Record<string, unknown>>;
    this.calls.push({ operation, input });
    try {
      if (!request.headers['authorization']?.startsWith('AWS4-HMAC-SHA256 ')) {
        throw new EcsFault('MissingAuthenticationTokenException', 'Missing Authentication Token');
      }
      const fate = await this.#troubles.meet(operation as EcsOperation, request.signal);
      if (fate === 'lost_request' || request.signal.aborted) return 'hang_up';
      const output = this.#perform(operation, input);
      return fate === 'lost_answer' ? 'hang_up' : reply(200, output);
    } catch (error) {
      if (!(error instanceof EcsFault)) throw error;
      return reply(error.status, { __type: error.type, message: error.message, ...error.more });
    }
  }

  #perform(operation: string, input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    switch (operation as EcsOperation) {
      case 'RunTask':
        return this.#runTask(input);
      case 'DescribeTasks':
        return this.#tasks.describe(input, this.#cluster(input));
      case 'StopTask':
        return this.#stop(input);
      case 'ListTasks':
        return this.#tasks.list(input, this.#cluster(input));
      default:
        throw new EcsFault('UnknownOperationException', `no operation ${operation} here`);
    }
  }

  #runTask(request: RunTaskRequest): Readonly<Record<string, unknown>> {
    checkRunTask(request);
    const clusterArn = this.#cluster(request);
    const known = this.#tasks.findStarted(request, clusterArn);
    if (known !== undefined) return this.#tasks.render(known);
    const reason = this.#failures.shift();
    if (reason !== undefined) return { tasks: [], failures: [{ reason }] };
    const started = this.#tasks.create(request, { clusterArn, definition: this.#definition(request) });
    const answer = this.#tasks.render(started);
    for (const task of started) this.#runs.run(task);
    return answer;
  }

  #definition({ taskDefinition = '', overrides }: RunTaskRequest): EcsTaskDefinition {
    const definition = this.#definitions.find(taskDefinition);
    if (definition === undefined) throw clientError('TaskDefinition not found.');
    if (definition.status === 'INACTIVE') throw clientError('TaskDefinition is inactive');
    const unknown = overrides?.containerOverrides?.find(
      ({ name }) => !definition.containers.some((container) => container.name === name),
    );
    if (unknown === undefined) return definition;
    throw invalidParameter(
      `Override for container named ${unknown.name ?? ''} is not a container in the TaskDefinition.`,
    );
  }

  #stop(request: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const task = this.#tasks.stop(request, this.#cluster(request));
    this.#runs.stop(task);
    return { task: this.#tasks.render([task]).tasks[0] };
  }

  #cluster({ cluster = 'default' }: { readonly cluster?: unknown }): string {
    const name = String(cluster).replace(/^.*cluster\//, '');
    if (!this.#clusters.includes(name)) throw new EcsFault('ClusterNotFoundException', 'Cluster not found.');
    return this.clusterArn(name);
  }
}

function reply(status: number, body: Readonly<Record<string, unknown>>): LoopbackAnswer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}
