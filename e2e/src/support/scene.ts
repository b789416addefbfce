import type { HydratedContext } from '@abca/core';
import type { ScriptInput } from '@abca/scripted-model';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerEnvironment, type AgentImage, type Cloud, type CloudSession } from '../cloud/cloud.ts';
import { openCloud, type CloudType } from '../cloud/open-cloud.ts';
import type { TinyPlan } from '../programs/tiny-plan.ts';
import { addRepo, submit, type ApiAddress } from './api.ts';
import type { CrashPoint } from './crash-point.ts';
import type { HeldCall } from './held-ports.ts';
import { quickFlags, startPlatformProcess, type PlatformProcess, type PlatformSpec } from './platform-process.ts';
import { processesNaming, type SeenProcess } from './processes.ts';
import { agentProgram, programCommand } from './programs.ts';
import { makeRemote, type Remote } from './remote.ts';
import { openStores, type OpenStores } from './stores.ts';
import { until } from './until.ts';

/** What a scene is set up with. */
export interface SceneOptions {
  /** The real agent follows this script. Without it the agent is the tiny one. */
  readonly script?: ScriptInput;
  /** What the tiny agent does. */
  readonly tiny?: TinyPlan;
  /** A command line that starts the tiny agent, whose own is added to it. */
  readonly tinyUnder?: readonly [string, ...string[]];
  /** Files of the remote's `main`; `none`: a repository without a commit. */
  readonly files?: Readonly<Record<string, string>> | 'none';
  /** Settings of the platform that differ from the quick ones. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Added to the environment of the platform. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the forge says of every issue. */
  readonly context?: HydratedContext;
  /** A call of a port of the platform that waits for {@link Scene.letGo}. */
  readonly hold?: Omit<HeldCall, 'gate'>;
  /** Sessions are started there, and not on the platform's own backend. */
  readonly cloud?: CloudType;
}

/** Name of the repository that every scene has onboarded. */
export const repo = 'acme/shop';

/** A folder with a remote and a platform, and the end of all that was started in it. */
export class Scene {
  readonly dir = mkdtempSync(join(tmpdir(), 'abca-e2e-'));
  readonly dataDir = join(this.dir, 'data');
  readonly remote: Remote;
  /** Gets a line for each start of the tiny agent. */
  readonly startsFile = join(this.dir, 'starts');
  readonly #containersDir = join(this.dir, 'containers');
  readonly #gate = join(this.dir, 'gate');
  readonly #image: AgentImage;
  readonly #cloudType: CloudType | undefined;
  #cloud: Cloud | undefined;
  readonly #spec: PlatformSpec;
  readonly #env: Readonly<Record<string, string>>;
  readonly #platforms: PlatformProcess[] = [];
  readonly #stores: OpenStores[] = [];

  constructor(options: SceneOptions = {}) {
    this.remote = makeRemote(this.dir, options.files);
    this.#env = options.env ?? {};
    this.#image = this.#imageOf(options);
    this.#cloudType = options.cloud;
    this.#spec = {
      cwd: this.dir,
      // Sessions end with the platform and it with this process: nothing outlives a test, unless the test is about that.
      flags: {
        ...quickFlags,
        ownSessions: true,
        dataDir: this.dataDir,
        ...this.#modelFlags(options.script),
        ...options.flags,
      },
      ...(options.script === undefined && { agentCommand: this.#image.batch }),
      // No session can begin where it should not.
      ...(options.cloud && { agentCommand: ['/bin/false'] }),
      ...(options.context && { contextFile: this.#write('context.json', options.context) }),
      ...(options.hold && { hold: { ...options.hold, gate: this.#gate } }),
    };
  }

  /** A scene with its platform up and its repository onboarded. */
  static async up(
    options: SceneOptions & { readonly blueprint?: unknown; readonly crashAt?: CrashPoint } = {},
  ): Promise<{ readonly scene: Scene; readonly platform: PlatformProcess }> {
    const scene = new Scene(options);
    try {
      const platform = await scene.start(options);
      const compute = options.cloud && { compute: { type: options.cloud } };
      await addRepo(platform, repo, scene.remote.path, { ...compute, ...(options.blueprint as object | undefined) });
      return { scene, platform };
    } catch (error) {
      await scene.end();
      throw error;
    }
  }

  /** Start the platform, again after it ended. */
  async start({ crashAt }: { readonly crashAt?: CrashPoint } = {}): Promise<PlatformProcess> {
    if (this.#cloudType) this.#cloud ??= await openCloud(this.#cloudType, this.#image, this.#containersDir);
    const spec = { ...this.#spec, ...(this.#cloud && { cloud: this.#cloud.spec }), ...(crashAt && { crashAt }) };
    const platform = await startPlatformProcess(spec, this.#env);
    if (platform === undefined) throw new Error('the platform was killed while it started');
    this.#platforms.push(platform);
    this.#cloud?.deploy(containerEnvironment(this.dataDir));
    return platform;
  }

  /** The backend that sessions of the scene are started on, when it is not the platform's own. */
  get cloud(): Cloud {
    if (this.#cloud === undefined) throw new Error('the scene has no cloud');
    return this.#cloud;
  }

  /** Every session that the scene's cloud has had. */
  backendSessions(): readonly CloudSession[] {
    return this.#cloud?.sessions() ?? [];
  }

  /** Resolves when the scene's cloud shows no session as running. */
  async whenNoSessionRuns(boundMs = 20_000): Promise<void> {
    const running = (): readonly CloudSession[] => this.backendSessions().filter((session) => session.running);
    await until(() => (running().length === 0 ? true : undefined), {
      boundMs,
      what: () => `still running: ${JSON.stringify(running())}`,
    });
  }

  /** The store past the API, closed with the scene. */
  stores(): OpenStores {
    const stores = openStores(this.dataDir);
    this.#stores.push(stores);
    return stores;
  }

  /** Process ids of the tiny agents started so far. */
  starts(): readonly number[] {
    return existsSync(this.startsFile) ? readFileSync(this.startsFile, 'utf8').trim().split('\n').map(Number) : [];
  }

  /** Processes of the scene but its platforms: sessions, databases and what they started. */
  processes(): readonly SeenProcess[] {
    const platforms = this.#platforms.map(({ pid }) => pid);
    return processesNaming(this.dir).filter(({ pid }) => !platforms.includes(pid));
  }

  /** Processes of sessions and what they started, by the folder that they carry in their environment. */
  sessionProcesses(): readonly SeenProcess[] {
    return processesNaming(join(this.dataDir, 'sessions')).filter(
      ({ command }) => !command.includes('programs/platform'),
    );
  }

  /** Resolves when no process of a container of the scene's cloud is left: a moment after its session is shown as over. */
  async whenContainersGone(): Promise<void> {
    const left = (): readonly SeenProcess[] => processesNaming(this.#containersDir);
    await until(() => (left().length === 0 ? true : undefined), {
      boundMs: 10_000,
      what: () => `processes of containers are left: ${JSON.stringify(left())}`,
    });
  }

  /** Resolves when a held call waits. */
  async whenHeld(): Promise<void> {
    const reached = `${this.#gate}.reached`;
    await until(() => (existsSync(reached) ? true : undefined), { boundMs: 20_000, what: () => 'no call is held' });
  }

  /** Let held calls go on, from now on. */
  letGo(): void {
    writeFileSync(this.#gate, '');
  }

  /** Resolves when no slot is taken: it is given back a moment after the terminal status. */
  async whenSlotsFree(stores: OpenStores): Promise<void> {
    const holders = async (): Promise<number> => (await stores.slots.inspect(stores.user)).holders.length;
    await until(async () => ((await holders()) === 0 ? true : undefined), {
      boundMs: 10_000,
      what: async () => `${String(await holders())} slots are taken`,
    });
  }

  /** End everything that was started here, however the test went. */
  async end(): Promise<void> {
    for (const stores of this.#stores) stores.close();
    for (const platform of this.#platforms) await platform.kill();
    await this.#cloud?.close();
    for (const { pid } of this.processes()) killQuietly(pid);
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #imageOf({ script, tiny = {}, tinyUnder = [] as never }: SceneOptions): AgentImage {
    if (script !== undefined) return { batch: agentProgram('main'), server: agentProgram('server-main') };
    const plan = { ...tiny, ...(tiny.waitFor !== undefined && { waitFor: join(this.dir, tiny.waitFor) }) };
    const command = programCommand('tiny-agent', this.startsFile, JSON.stringify(plan));
    const batch = [...tinyUnder, ...command] as const;
    return { batch: batch as AgentImage['batch'], server: [...batch, 'serve'] as unknown as AgentImage['server'] };
  }

  #modelFlags(script: ScriptInput | undefined): { readonly modelScript?: string } {
    return script === undefined ? {} : { modelScript: this.#write('script.json', script) };
  }

  /** @returns the path of the file */
  #write(name: string, content: unknown): string {
    const file = join(this.dir, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  }
}

/** Submit a task for the scene's repository. @returns its id */
export async function submitTask(api: ApiAddress, body: Record<string, unknown> = {}, key?: string): Promise<string> {
  return (await submit(api, { repo, ...body }, key)).task_id;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
