import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnOwnedProcess, type OwnedProcess } from '../processes.ts';
import type { ContainerLauncher, ContainerSpec, LaunchedContainer } from './container-launcher.ts';

/** Settings of a {@link ProcessLauncher}. */
export interface ProcessLauncherOptions {
  /** The program that stands for the image. */
  readonly command: readonly [string, ...string[]];
  /** Each container gets a folder of its own in it, which is its working folder, HOME and TMPDIR. */
  readonly folder: string;
  /** Names of this process's variables that containers get as well, such as PATH. @default ['PATH'] */
  readonly inherit?: readonly string[];
}

/**
 * Runs a real program for each container, as a process group that does not outlive the test process. The program sees the
 * container's environment, the variables of `inherit`, HOME, TMPDIR and the mark that `spawnOwnedProcess` finds it by.
 */
export class ProcessLauncher implements ContainerLauncher {
  readonly #options: ProcessLauncherOptions;
  readonly #processes: OwnedProcess[] = [];

  constructor(options: ProcessLauncherOptions) {
    this.#options = options;
  }

  async launch(container: ContainerSpec): Promise<LaunchedContainer> {
    const { command, folder, inherit = ['PATH'] } = this.#options;
    const cwd = join(folder, `${container.taskArn.split('/').at(-1) ?? ''}-${container.name}`);
    await mkdir(cwd, { recursive: true });
    const inherited = inherit.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
    const base = { ...(Object.fromEntries(inherited) as Record<string, string>), HOME: cwd, TMPDIR: cwd };
    const owned = await spawnOwnedProcess({ command, cwd, env: { ...base, ...container.environment } });
    this.#processes.push(owned);
    return owned;
  }

  /** What the programs have printed so far, in the order they were started. */
  outputs(): readonly string[] {
    return this.#processes.map((owned) => owned.output());
  }
}
