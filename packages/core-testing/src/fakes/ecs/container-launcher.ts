/** A container that is to run. */
export interface ContainerSpec {
  readonly taskArn: string;
  readonly name: string;
  /** That of the task definition with the overrides of RunTask on top. */
  readonly environment: Readonly<Record<string, string>>;
}

/** How a container ended. */
export interface ContainerExit {
  readonly exitCode: number;
}

/** A container that runs. */
export interface LaunchedContainer {
  readonly exited: Promise<ContainerExit>;
  /** End it: first asked, and after `graceMs` milliseconds made to. May be repeated. */
  stop(graceMs: number): Promise<ContainerExit>;
}

/** What a fake runs containers with. */
export interface ContainerLauncher {
  /** @throws Error when the container cannot be started; the task then fails to start */
  launch(container: ContainerSpec): Promise<LaunchedContainer>;
}
