import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createDynamoStores, ensureTables, type DynamoStores } from '@abca/adapter-dynamodb';
import { SystemClock, UlidGenerator } from '@abca/adapter-system';
import { formatIso, limits, mintSessionId, tableNames, type Task, type TaskEvent, type TaskId } from '@abca/core';
import { aTask } from '@abca/core/testing';
import { startLocalDynamoDb } from '@abca/local-dynamodb';
import { startScriptedModel, type ScriptedModel, type ScriptInput } from '@abca/scripted-model';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { settings } from './session/session.test-kit.ts';

const run = promisify(execFile);
const prefix = 'agent-test';

/** A program of a session that runs, and what it wrote. */
export interface RunningSession {
  readonly child: ChildProcess;
  readonly taskId: TaskId;
  readonly branch: string;
  /** Its exit code, once it has ended by itself. */
  readonly exited: Promise<number | null>;
  /** The model it talks to, with the requests it got. */
  readonly model: ScriptedModel;
  /** All it printed so far. */
  output(): string;
  row(): Promise<Task>;
  log(): Promise<readonly TaskEvent[]>;
  /** Resolves when an event matches; rejects when the program ends before. */
  event(matches: (event: TaskEvent) => boolean): Promise<TaskEvent>;
}

/** What a session is started with. */
export interface RealSessionOptions {
  readonly script: ScriptInput;
  readonly task?: Partial<Task>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Real parts around the program: embedded DynamoDB, git, a scripted model, and an address that takes callbacks. */
export class RealWorld {
  readonly root: string;
  readonly bare: string;
  /** Requests to the Lambda API: path and body. */
  readonly callbacks: { readonly path: string; readonly body: string }[] = [];
  /** Functions of the Lambda API by their name. */
  readonly functions: Map<string, (event: unknown) => Promise<unknown>>;
  readonly stores: DynamoStores;
  readonly stopDatabase: () => Promise<void>;
  readonly #ends: (() => Promise<unknown>)[];
  readonly #endpoints: { readonly dynamoDb: string; readonly lambda: string };
  readonly #program: readonly string[];
  #sessions = 0;

  private constructor(parts: {
    root: string;
    stores: DynamoStores;
    endpoints: { dynamoDb: string; lambda: string };
    callbacks: { path: string; body: string }[];
    functions: Map<string, (event: unknown) => Promise<unknown>>;
    ends: (() => Promise<unknown>)[];
    stopDatabase: () => Promise<void>;
    program: readonly string[];
  }) {
    this.root = parts.root;
    this.bare = join(parts.root, 'remote.git');
    this.stores = parts.stores;
    this.callbacks = parts.callbacks;
    this.functions = parts.functions;
    this.#endpoints = parts.endpoints;
    this.#ends = parts.ends;
    this.#program = parts.program;
    this.stopDatabase = parts.stopDatabase;
  }

  /** @param program arguments of node that run the agent program */
  static async create(files: Readonly<Record<string, string>>, program: readonly string[]): Promise<RealWorld> {
    const root = await mkdtemp(join(tmpdir(), 'abca-agent-'));
    const database = await startLocalDynamoDb();
    const callbacks: { path: string; body: string }[] = [];
    const functions = new Map<string, (event: unknown) => Promise<unknown>>();
    const lambda = await lambdaServer(callbacks, functions);
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ endpoint: database.endpoint, region: 'us-east-1', credentials });
    const tables = tableNames(prefix);
    await ensureTables(client, tables);
    const stores = createDynamoStores(DynamoDBDocumentClient.from(client), {
      tables,
      clock: new SystemClock(),
      ids: new UlidGenerator(),
    });
    const stopDatabase = (): Promise<void> => database.stop();
    const ends = [
      async () => client.destroy(),
      stopDatabase,
      () => new Promise((resolve) => lambda.close(resolve)),
      () => rm(root, { recursive: true, force: true }),
    ];
    const { port } = lambda.address() as AddressInfo;
    const endpoints = { dynamoDb: database.endpoint, lambda: `http://127.0.0.1:${String(port)}` };
    const world = new RealWorld({ root, stores, endpoints, callbacks, functions, ends, stopDatabase, program });
    await world.#makeRepository(files);
    return world;
  }

  async end(): Promise<void> {
    for (const end of this.#ends) await end();
  }

  /** git as a person would run it. Answers standard output. */
  async git(cwd: string, ...args: string[]): Promise<string> {
    const identity = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.com' };
    const committer = { GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'ann@example.com' };
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.root,
      GIT_CONFIG_NOSYSTEM: '1',
      // The remote may be another user's, as that of a container is.
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      ...identity,
      ...committer,
    };
    return (await run('git', args, { cwd, env })).stdout.trim();
  }

  async start({ script, task = {}, env = {} }: RealSessionOptions): Promise<RunningSession> {
    return this.startWith({ script, task }, (row, model) => {
      this.#sessions += 1;
      return this.#spawn(row, model, env);
    });
  }

  /** A session of a task, by a program that `spawnProgram` starts. It ends with this world. */
  async startWith(
    { script, task = {} }: Pick<RealSessionOptions, 'script' | 'task'>,
    spawnProgram: (row: Task, model: ScriptedModel) => Promise<ChildProcess>,
  ): Promise<RunningSession> {
    const model = await startScriptedModel({ script });
    this.#ends.unshift(() => model.stop());
    const row = await this.#storeTask(task);
    const child = await spawnProgram(row, model);
    this.#ends.unshift(() => killed(child));
    return this.#watch(child, row, model);
  }

  /** The program once more for the same session in an empty folder of the same name, as of a container that is started again. */
  async restart(session: RunningSession, script: ScriptInput): Promise<RunningSession> {
    const model = await startScriptedModel({ script });
    this.#ends.unshift(() => model.stop());
    const row = await session.row();
    await rm(this.#folder(), { recursive: true, force: true });
    const child = await this.#spawn(row, model, {});
    this.#ends.unshift(() => killed(child));
    return this.#watch(child, row, model);
  }

  #watch(child: ChildProcess, { taskId, branch }: Task, model: ScriptedModel): RunningSession {
    const chunks: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    }
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    const log = (): Promise<readonly TaskEvent[]> => this.stores.events.read({ taskId, after: 0, limit: 1000 });
    return {
      child,
      taskId,
      branch: branch ?? '',
      exited,
      model,
      output: () => chunks.join(''),
      row: async () => (await this.stores.tasks.find(taskId))!,
      log,
      event: async (matches) => {
        let ended = false;
        void exited.then(() => (ended = true));
        for (;;) {
          const found = (await log()).find(matches);
          if (found !== undefined) return found;
          await delay(20);
          if (ended) throw new Error(`the program ended before the event:\n${chunks.join('')}`);
        }
      },
    };
  }

  async #storeTask(fields: Partial<Task>): Promise<Task> {
    const taskId = fields.taskId ?? new UlidGenerator().newTaskId();
    const now = Date.now();
    const row = aTask({
      taskId,
      status: 'RUNNING',
      createdAt: formatIso(now),
      deadlineAt: formatIso(now + limits.sessionMs),
      settings: { ...settings, cloneUrl: this.bare },
      baseBranch: 'main',
      branch: `abca/${taskId.slice(-8).toLowerCase()}/fix`,
      sessionCallbackId: `callback-${taskId}`,
      ...fields,
    });
    await this.stores.tasks.create({ task: row, events: [] });
    return row;
  }

  async #spawn(row: Task, model: ScriptedModel, env: Readonly<Record<string, string>>): Promise<ChildProcess> {
    const folder = this.#folder();
    const [home, work, tmp] = [join(folder, 'home'), join(folder, 'work'), join(folder, 'tmp')];
    await Promise.all([home, work, tmp].map((dir) => mkdir(dir, { recursive: true })));
    return spawn(process.execPath, this.#program, {
      cwd: work,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...this.sessionEnvironment(row),
        PATH: process.env['PATH'],
        HOME: home,
        TMPDIR: tmp,
        ABCA_WORKSPACE_DIR: work,
        ABCA_SCRIPTED_MODEL_URL: model.url,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        ...env,
      },
    });
  }

  /** What the platform tells a session of `row`: ids, names and endpoints. */
  sessionEnvironment(row: Task): Record<string, string> {
    return {
      ABCA_TASK_ID: row.taskId,
      ABCA_SESSION_ID: mintSessionId(row.taskId, 1),
      ABCA_GENERATION: '1',
      ABCA_TABLE_PREFIX: prefix,
      ABCA_DYNAMODB_ENDPOINT: this.#endpoints.dynamoDb,
      ABCA_LAMBDA_ENDPOINT: this.#endpoints.lambda,
      // Short, so that a session that this test leaves behind ends with the database.
      ABCA_HEARTBEAT_MS: '1000',
      ABCA_LEASE_MS: '10000',
      AWS_REGION: 'us-east-1',
    };
  }

  /** Of the session that was started last. */
  #folder(): string {
    return join(this.root, `session-${String(this.#sessions)}`);
  }

  async #makeRepository(files: Readonly<Record<string, string>>): Promise<void> {
    const source = join(this.root, 'source');
    await mkdir(source);
    await this.git(source, 'init', '--quiet', '--initial-branch=main');
    for (const [name, content] of Object.entries(files)) await writeFile(join(source, name), content);
    await this.git(source, 'add', '.');
    await this.git(source, 'commit', '--quiet', '-m', 'start');
    await this.git(this.root, 'clone', '--quiet', '--bare', source, this.bare);
  }
}

/** Takes callbacks, and invokes functions. */
async function lambdaServer(
  callbacks: { path: string; body: string }[],
  functions: ReadonlyMap<string, (event: unknown) => Promise<unknown>>,
): Promise<Server> {
  const answer = async (path: string, body: string): Promise<unknown> => {
    const [, name = ''] = /\/functions\/([^/]+)\/invocations$/.exec(path) ?? [];
    if (name !== '') return functions.get(name)?.(JSON.parse(body));
    callbacks.push({ path, body });
    return {};
  };
  const server = createServer((request, response) => {
    void text(request)
      .then((body) => answer(request.url ?? '', body))
      .then((answered) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answered ?? null));
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
