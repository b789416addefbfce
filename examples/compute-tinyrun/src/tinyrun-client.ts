import { z } from 'zod';
import { jobSchema, type TinyRunJob } from './tinyrun-job.ts';

/** What a job is made of. */
export interface NewJob {
  /** Name of a program that was deployed to TinyRun before. */
  readonly program: string;
  readonly size: string;
  readonly env: Readonly<Record<string, string>>;
}

/** An answer that is none of those that a verb expects. */
export class TinyRunHttpError extends Error {
  override readonly name = 'TinyRunHttpError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const problemSchema = z.object({ message: z.string() });

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** The three calls of TinyRun that a strategy needs. Errors are left as they come; `mapTinyRunError` reads them. */
export class TinyRunClient {
  readonly #endpoint: string;
  readonly #apiKey: string;
  readonly #timeoutMs: number;

  constructor(options: { readonly endpoint: string; readonly apiKey: string; readonly timeoutMs: number }) {
    this.#endpoint = options.endpoint;
    this.#apiKey = options.apiKey;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Make the job, or find the one that has this id, whatever it was made of. */
  async ensureJob(id: string, job: NewJob, signal?: AbortSignal): Promise<TinyRunJob> {
    const reply = await this.#send('PUT', id, { body: JSON.stringify(job), signal });
    return readJob(reply, [200, 201]);
  }

  async findJob(id: string, signal?: AbortSignal): Promise<TinyRunJob | undefined> {
    const reply = await this.#send('GET', id, { signal });
    return reply.status === 404 ? undefined : readJob(reply, [200]);
  }

  /** Ask for the job's end. `undefined`: there is nothing to end. */
  async endJob(id: string, signal?: AbortSignal): Promise<TinyRunJob | undefined> {
    const reply = await this.#send('DELETE', id, { signal });
    return reply.status === 404 ? undefined : readJob(reply, [200, 202]);
  }

  async #send(
    method: string,
    id: string,
    { body, signal }: { readonly body?: string; readonly signal: AbortSignal | undefined },
  ): Promise<Reply> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const response = await fetch(`${this.#endpoint}/jobs/${encodeURIComponent(id)}`, {
      method,
      headers: { authorization: `Bearer ${this.#apiKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body }),
      // The key is for this address alone.
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    return { status: response.status, body: parseJson(await response.text()) };
  }
}

/** @throws TinyRunHttpError when it is another answer, or one that holds no job */
function readJob({ status, body }: Reply, expected: readonly number[]): TinyRunJob {
  if (!expected.includes(status)) {
    const problem = problemSchema.safeParse(body);
    throw new TinyRunHttpError(status, problem.success ? problem.data.message : 'no message');
  }
  const { success, data } = jobSchema.safeParse(body);
  if (!success) throw new TinyRunHttpError(status, 'the answer is not a job');
  return data;
}

/** `undefined` for what is no JSON, such as the page of a proxy. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
