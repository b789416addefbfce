import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Task } from '@abca/core';
import type { ScriptedModel } from '@abca/scripted-model';
import type { RealSessionOptions, RealWorld, RunningSession } from './real-session.test-kit.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../scripts/assemble-image.mjs', import.meta.url));

/** The user of the base image. Whoever is not root cannot become another, and runs the image as itself. */
const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : undefined;

/** Makes Node write down at its end which scripts it loaded. */
const traceName = 'NODE_V8_COVERAGE';
const traceDir = 'loaded';
/** The environment of a run whose scripts are asked for. */
export const traced = { [traceName]: traceDir };

/** What is listed beside the tree. */
export interface ImageManifest {
  readonly platform: string;
  readonly totalBytes: number;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[];
}

/** The tree of the image for this machine, in a folder of its own that nothing may write to. */
export class AssembledImage {
  readonly appDir: string;
  readonly manifest: ImageManifest;
  readonly #root: string;

  private constructor(root: string, manifest: ImageManifest) {
    this.#root = root;
    this.appDir = join(root, 'app');
    this.manifest = manifest;
  }

  static async assemble(): Promise<AssembledImage> {
    const root = await mkdtemp(join(tmpdir(), 'abca-image-'));
    await run(process.execPath, [script, root, '--platform', `linux-${process.arch}`]);
    await run('chmod', ['-R', 'a-w', join(root, 'app')]);
    await chmod(root, 0o755);
    return new AssembledImage(root, JSON.parse(await readFile(join(root, 'manifest.json'), 'utf8')) as ImageManifest);
  }

  /** Every path with its size and when it was last written to. */
  async look(): Promise<readonly string[]> {
    const paths = (await readdir(this.appDir, { recursive: true })).sort();
    return Promise.all(
      paths.map(async (path) => {
        const { size, mtimeMs, mode } = await stat(join(this.appDir, path));
        return `${path} ${String(size)} ${String(mtimeMs)} ${mode.toString(8)}`;
      }),
    );
  }

  async end(): Promise<void> {
    await run('chmod', ['-R', 'u+w', this.#root]);
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** A server of the image, with a session that it may be asked for. */
export interface RunningServer extends RunningSession {
  readonly environment: Readonly<Record<string, string>>;
  ping(): Promise<unknown>;
  invoke(environment: Readonly<Record<string, string>>): Promise<{ status: number; body: unknown }>;
}

/** Runs the image's programs in `world`, as a container would: a user of its own, an exact environment, two folders. */
export class ContainerRuns {
  readonly #world: RealWorld;
  readonly #image: AssembledImage;
  #runs = 0;
  #lastHome = '';

  constructor(world: RealWorld, image: AssembledImage) {
    this.#world = world;
    this.#image = image;
  }

  /** The container of ECS: the session is in its environment. */
  batch(options: RealSessionOptions): Promise<RunningSession> {
    return this.#world.startWith(options, (row, model) =>
      this.#spawn('agent.mjs', model, { ...this.#sessionOf(row), ...options.env }),
    );
  }

  /** The container of AgentCore: the session comes as a request. */
  async server(options: RealSessionOptions): Promise<RunningServer> {
    let environment: Record<string, string> = {};
    const session = await this.#world.startWith(options, (row, model) => {
      environment = this.#sessionOf(row);
      return this.#spawn('agent-server.mjs', model, { PORT: '0', HOST: '127.0.0.1', ...options.env });
    });
    const url = `http://127.0.0.1:${String(await portOf(session))}`;
    return {
      ...session,
      environment,
      ping: async () => (await fetch(`${url}/ping`)).json(),
      invoke: async (given) => {
        const body = JSON.stringify({ environment: given });
        const response = await fetch(`${url}/invocations`, { method: 'POST', body });
        return { status: response.status, body: await response.json() };
      },
    };
  }

  /** Scripts, sorted, that Node loaded in the last run, which was started with {@link traced} and has ended. */
  async loaded(): Promise<readonly string[]> {
    const dir = join(this.#lastHome, traceDir);
    const texts = await Promise.all((await readdir(dir)).map((name) => readFile(join(dir, name), 'utf8')));
    const urls = texts.flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result);
    return [...new Set(urls.map(({ url }) => url))]
      .filter((url) => url.startsWith('file:'))
      .map((url) => fileURLToPath(url))
      .sort();
  }

  #sessionOf(row: Task): Record<string, string> {
    // In place of the role of the container.
    return { ...this.#world.sessionEnvironment(row), ABCA_ACCESS_KEY_ID: 'local' };
  }

  async #spawn(program: string, model: ScriptedModel, env: Record<string, string>): Promise<ChildProcess> {
    const { appDir } = this.#image;
    const home = join(this.#world.root, `container-${String((this.#runs += 1))}`);
    this.#lastHome = home;
    await mkdir(home);
    await this.#handOver(home);
    return spawn(process.execPath, [join(appDir, program)], {
      ...user,
      cwd: appDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
        HOME: home,
        ABCA_SCRIPTED_MODEL_URL: model.url,
        ...env,
        ...(env[traceName] !== undefined && { [traceName]: join(home, traceDir) }),
      },
    });
  }

  /** The folder of a session and the remote become the user's. */
  async #handOver(home: string): Promise<void> {
    if (user === undefined) return;
    await chmod(this.#world.root, 0o711);
    await chown(home, user.uid, user.gid);
    await run('chown', ['-R', `${String(user.uid)}:${String(user.gid)}`, this.#world.bare]);
  }
}

/** As the log tells it. */
async function portOf(session: RunningSession): Promise<number> {
  let ended = false;
  void session.exited.then(() => (ended = true));
  for (;;) {
    const port = /"message":"listening".*"port":(\d+)/.exec(session.output())?.[1];
    if (port !== undefined) return Number(port);
    if (ended) throw new Error(`the server ended before it listened:\n${session.output()}`);
    await delay(20);
  }
}
