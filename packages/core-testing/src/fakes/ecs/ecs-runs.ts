import type { ContainerLauncher, LaunchedContainer } from './container-launcher.ts';
import type { EcsContainerDefinition } from './ecs-definitions.ts';
import type { EcsContainerState, EcsTask } from './ecs-task.ts';

/** As on Fargate. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
const defaultStopTimeoutMs = 30_000;

interface Run {
  readonly definition: EcsContainerDefinition;
  readonly container: LaunchedContainer;
}

/** Runs the containers of tasks with a launcher; without one it does nothing. */
export class EcsRuns {
  readonly #launcher: ContainerLauncher | undefined;
  readonly #nowMs: () => number;
  readonly #runs = new Map<EcsTask, Run[]>();
  readonly #lives: Promise<void>[] = [];

  constructor(launcher: ContainerLauncher | undefined, nowMs: () => number) {
    this.#launcher = launcher;
    this.#nowMs = nowMs;
  }

  run(task: EcsTask): void {
    if (this.#launcher === undefined) return;
    this.#lives.push(this.#live(task, this.#launcher));
  }

  /** Ask every container of a task to end. */
  stop(task: EcsTask): void {
    for (const { container, definition } of this.#runs.get(task) ?? []) {
      void container.stop(definition.stopTimeoutMs ?? defaultStopTimeoutMs);
    }
  }

  async close(): Promise<void> {
    for (const task of this.#runs.keys()) task.requestStop({ stopCode: 'UserInitiated', stoppedReason: 'test over' });
    const runs = [...this.#runs.values()].flat();
    await Promise.all(runs.map(({ container }) => container.stop(0)));
    await Promise.all(this.#lives);
  }

  async #live(task: EcsTask, launcher: ContainerLauncher): Promise<void> {
    task.step(this.#nowMs());
    const runs: Run[] = [];
    this.#runs.set(task, runs);
    try {
      for (const state of task.containers) {
        if (task.stop === undefined) runs.push(await this.#launch(task, state, launcher));
      }
    } catch (error) {
      task.requestStop({ stopCode: 'TaskFailedToStart', stoppedReason: `CannotStartContainerError: ${String(error)}` });
    }
    if (task.stop === undefined) task.settle(this.#nowMs());
    else this.stop(task);
    await Promise.all(runs.map(({ container, definition }) => this.#await(task, container, definition.name)));
    task.settle(this.#nowMs());
  }

  async #launch(task: EcsTask, { name, environment }: EcsContainerState, launcher: ContainerLauncher): Promise<Run> {
    const definition = task.origin.definition.containers.find((defined) => defined.name === name) ?? { name };
    return { definition, container: await launcher.launch({ taskArn: task.origin.arn, name, environment }) };
  }

  async #await(task: EcsTask, container: LaunchedContainer, name: string): Promise<void> {
    const exit = await container.exited;
    task.endContainer(name, exit);
    if (task.stop !== undefined) this.stop(task);
  }
}
