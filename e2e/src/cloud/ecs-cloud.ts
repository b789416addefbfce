import { FakeEcs, ProcessLauncher, type ContainerLauncher } from '@abca/core-testing/fakes/ecs';
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

  private constructor(fake: FakeEcs) {
    this.fake = fake;
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

  /** @param options.folder of the containers @param options.noImage containers do not come up */
  static async open(
    image: AgentImage,
    { folder, noImage = false }: { readonly folder: string; readonly noImage?: boolean },
  ): Promise<EcsCloud> {
    const launcher: ContainerLauncher = noImage
      ? { launch: () => Promise.reject(new Error('pull access denied')) }
      : new ProcessLauncher({ command: image.batch, folder });
    return new EcsCloud(await FakeEcs.start({ clock: new SystemClock(), launcher }));
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
    if (kind === 'start_unanswered') this.fake.failNext('RunTask', 'lost_answer', times);
    else this.fake.failNext('StopTask', 'access_denied', times);
  }

  close(): Promise<void> {
    return this.fake.close();
  }
}
