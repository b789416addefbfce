import {
  FakeEcs,
  ProcessLauncher,
  type ContainerLauncher,
  type ContainerSpec,
  type LaunchedContainer,
} from '@abca/core-testing/fakes/ecs';
import { SystemClock } from '@abca/adapter-system';
import type { AgentImage, Cloud } from './cloud.ts';

const family = 'abca-agent';
const containerName = 'agent';

/** How long a container has to end, milliseconds. */
const stopTimeoutMs = 3_000;

/** ECS on loopback. A task runs the batch program, as a process of the test. */
export class EcsCloud implements Cloud {
  readonly fake: FakeEcs;
  readonly spec;

  readonly #launcher: FailingLauncher;

  private constructor(fake: FakeEcs, launcher: FailingLauncher) {
    this.fake = fake;
    this.#launcher = launcher;
    this.spec = {
      type: 'ecs' as const,
      endpoint: fake.url,
      settings: {
        clusterArn: fake.clusterArn(),
        taskDefinition: family,
        containerName,
        subnets: 'subnet-1a',
        securityGroups: 'sg-1a',
      },
    };
  }

  /** @param options.folder of the containers */
  static async open(image: AgentImage, { folder }: { readonly folder: string }): Promise<EcsCloud> {
    const launcher = new FailingLauncher(new ProcessLauncher({ command: image.batch, folder }));
    return new EcsCloud(await FakeEcs.start({ clock: new SystemClock(), launcher }), launcher);
  }

  deploy(environment: Readonly<Record<string, string>>): void {
    this.fake.registerTaskDefinition({ family, containers: [{ name: containerName, environment, stopTimeoutMs }] });
  }

  sessions(): ReturnType<Cloud['sessions']> {
    return this.fake.tasks().map((task) => ({
      sessionId: task.container(containerName).environment['ABCA_SESSION_ID'] ?? '',
      running: !task.isOver,
    }));
  }

  trouble(kind: Parameters<Cloud['trouble']>[0], times = 1): void {
    switch (kind) {
      case 'start_unanswered':
        this.fake.failNext('RunTask', 'lost_answer', times);
        break;
      case 'stop_refused':
        this.fake.failNext('StopTask', 'access_denied', times);
        break;
      case 'poll_denied':
        this.fake.failNext('DescribeTasks', 'access_denied', times);
        break;
      case 'container_broken':
        this.#launcher.failNext(times);
    }
  }

  close(): Promise<void> {
    return this.fake.close();
  }
}

/** Starts of which some fail, as when an image cannot be pulled. */
class FailingLauncher implements ContainerLauncher {
  readonly #launcher: ContainerLauncher;
  #left = 0;

  constructor(launcher: ContainerLauncher) {
    this.#launcher = launcher;
  }

  failNext(times: number): void {
    this.#left = times;
  }

  launch(container: ContainerSpec): Promise<LaunchedContainer> {
    if (this.#left <= 0) return this.#launcher.launch(container);
    this.#left -= 1;
    return Promise.reject(new Error('pull access denied'));
  }
}
