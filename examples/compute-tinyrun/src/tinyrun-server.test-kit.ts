import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { TinyRunJob } from './tinyrun-job.ts';
import { startProcess, type TinyRunProcess } from './tinyrun-process.test-kit.ts';

const programSchema = z.object({
  command: z.tuple([z.string()], z.string()),
  env: z.record(z.string(), z.string()).default({}),
});

const newJobSchema = z.object({
  program: z.string(),
  size: z.enum(['small', 'large']),
  env: z.record(z.string(), z.string()),
});

/** What can go wrong: an answer instead of the real one, no answer at all, or the real one lost on its way. */
export type Trouble = { readonly status: number; readonly message: string } | 'hang' | 'lose_answer' | 'no_json';

/** How this TinyRun differs from the service. */
export interface TinyRunServerOptions {
  /** Milliseconds between SIGTERM and SIGKILL. The service: 30,000. @default 2000 */
  readonly stopGraceMs?: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Entry {
  job: TinyRunJob;
  readonly process: TinyRunProcess | undefined;
  readonly over: Promise<void>;
}

/**
 * TinyRun on loopback, with real processes for jobs. TINYRUN.md says how it behaves; the members below are what the service
 * does not have.
 */
export class TinyRunServer {
  /** The only key that is let in. */
  readonly apiKey = 'tinyrun-test-key';
  /** Ids of the jobs whose program was started, once per start. */
  readonly starts: string[] = [];
  /** What came in, `PUT /jobs/x`. */
  readonly requests: string[] = [];
  readonly #root = mkdtempSync(join(tmpdir(), 'tinyrun-'));
  readonly #programs = new Map<string, z.infer<typeof programSchema>>();
  readonly #jobs = new Map<string, Entry>();
  readonly #troubles: Trouble[] = [];
  readonly #server: Server;
  readonly #stopGraceMs: number;

  private constructor({ stopGraceMs = 2_000 }: TinyRunServerOptions) {
    this.#stopGraceMs = stopGraceMs;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Listen on a free port of 127.0.0.1. */
  static async start(options: TinyRunServerOptions = {}): Promise<TinyRunServer> {
    const server = new TinyRunServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** The next request meets this. Several are met one after the other. */
  trouble(...troubles: readonly Trouble[]): void {
    this.#troubles.push(...troubles);
  }

  /** Show a job in a state of one's choice. Its process, if it has one, is left alone. */
  show(id: string, job: Omit<TinyRunJob, 'id'>): void {
    const entry = this.#jobs.get(id) ?? { process: undefined, over: Promise.resolve() };
    this.#jobs.set(id, { ...entry, job: { id, ...job } });
  }

  /** A line for the standard input of a job that runs. */
  tell(id: string, line: string): void {
    this.#jobs.get(id)?.process?.tell(line);
  }

  /** Resolves when the job has ended. */
  async whenOver(id: string): Promise<void> {
    await this.#jobs.get(id)?.over;
  }

  /** End every job and the server, and remove what they wrote. */
  async close(): Promise<void> {
    for (const { process } of this.#jobs.values()) process?.end(0);
    await Promise.all([...this.#jobs.values()].map(({ over }) => over));
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    this.requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const trouble = this.#troubles.shift();
    if (trouble === 'hang') return;
    if (typeof trouble === 'object') return send(response, problem(trouble.status, trouble.message));
    const answer = this.#answer(request, body);
    if (trouble === 'lose_answer') response.destroy();
    else if (trouble === 'no_json') response.writeHead(200).end('<html>');
    else send(response, answer);
  }

  #answer({ method, url = '/', headers }: IncomingMessage, body: string): Answer {
    if (headers.authorization !== `Bearer ${this.apiKey}`) return problem(401, 'this key is not known');
    const [, kind, id = ''] = url.split('/').map(decodeURIComponent);
    switch (`${method ?? ''} ${kind ?? ''}`) {
      case 'PUT programs':
        return this.#deploy(id, body);
      case 'PUT jobs':
        return this.#ensure(id, body);
      case 'GET jobs':
        return this.#find(id);
      case 'DELETE jobs':
        return this.#end(id);
      default:
        return problem(405, 'there is no such call');
    }
  }

  #deploy(name: string, body: string): Answer {
    const program = programSchema.safeParse(JSON.parse(body));
    if (!program.success) return problem(422, 'not a program');
    this.#programs.set(name, program.data);
    return { status: 200, body: { name } };
  }

  #ensure(id: string, body: string): Answer {
    const known = this.#jobs.get(id);
    if (known !== undefined) return { status: 200, body: known.job };
    const wanted = newJobSchema.safeParse(JSON.parse(body));
    if (!wanted.success || !/^[a-z0-9-]{1,63}$/.test(id)) return problem(422, 'not a job');
    const program = this.#programs.get(wanted.data.program);
    if (program === undefined) return problem(422, `program "${wanted.data.program}" was not deployed`);
    const env = { ...program.env, ...wanted.data.env };
    const process = startProcess(program.command, { homeDir: join(this.#root, id), env });
    this.starts.push(id);
    const over = process.exited.then((code) => {
      this.#finish(id, code);
    });
    this.#jobs.set(id, { job: { id, state: 'running' }, process, over });
    return { status: 201, body: this.#jobs.get(id)?.job };
  }

  #finish(id: string, code: number): void {
    const stopped = this.#jobs.get(id)?.job.state === 'stopping';
    this.show(id, stopped ? { state: 'stopped' } : { state: 'exited', exit_code: code });
  }

  #find(id: string): Answer {
    const entry = this.#jobs.get(id);
    return entry === undefined ? problem(404, 'there is no such job') : { status: 200, body: entry.job };
  }

  #end(id: string): Answer {
    const entry = this.#jobs.get(id);
    if (entry === undefined) return problem(404, 'there is no such job');
    if (!['queued', 'running', 'stopping'].includes(entry.job.state)) return { status: 200, body: entry.job };
    if (entry.job.state !== 'stopping') entry.process?.end(this.#stopGraceMs);
    this.show(id, { state: 'stopping' });
    return { status: 202, body: this.#jobs.get(id)?.job };
  }
}

function problem(status: number, message: string): Answer {
  return { status, body: { message } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
