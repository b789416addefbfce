import {
  startLoopbackServer,
  type LoopbackAnswer,
  type LoopbackRequest,
  type LoopbackServer,
} from '../loopback-server.ts';
import type { LaunchContainer } from './container.ts';
import { AgentCoreKnobs, type AnswerPlace, type Delay, type HeldAnswer } from './knobs.ts';
import type { RuntimeLimits, RuntimeSession } from './runtime-session.ts';
import { RuntimeSessions } from './runtime-sessions.ts';
import {
  checkRequest,
  readRequest,
  Refusal,
  refusalReply,
  sessionHeader,
  type AgentCoreErrorName,
  type AgentCoreOperation,
  type AgentCoreRequest,
} from './wire.ts';

/** The runtime that a fake has unless it is told of others. */
export const fakeRuntimeArn = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/abca_agent-a1B2c3D4e5';

export interface FakeAgentCoreOptions extends Partial<RuntimeLimits> {
  /** Makes the environment of a session. */
  readonly launch: LaunchContainer;
  /** Runtimes that exist. @default {@link fakeRuntimeArn} alone */
  readonly runtimeArns?: readonly string[];
  /** Sessions that may be active at once. @default no limit */
  readonly maxSessions?: number;
  /** Between pings, in milliseconds. @default 30000 */
  readonly pingMs?: number;
  /** Whether time passes by itself. Off, it stands still until `advance`. @default false */
  readonly realTime?: boolean;
}

/**
 * The data plane of Amazon Bedrock AgentCore Runtime on loopback: `InvokeAgentRuntime` and `StopRuntimeSession`, for the
 * unmodified client of the AWS SDK. What it does and its knobs are described in `agentcore.md`.
 */
export class FakeAgentCore {
  readonly url: string;
  /** All calls so far, refused ones among them, in order. */
  readonly requests: AgentCoreRequest[] = [];
  readonly #server: LoopbackServer;
  readonly #sessions: RuntimeSessions;
  readonly #knobs: AgentCoreKnobs;
  readonly #ticking: NodeJS.Timeout | undefined;
  readonly #stopsByToken = new Map<string, LoopbackAnswer>();

  private constructor(server: LoopbackServer, options: FakeAgentCoreOptions) {
    this.url = server.url;
    this.#server = server;
    this.#knobs = new AgentCoreKnobs();
    const { pingMs = 30_000, realTime = false } = options;
    this.#sessions = new RuntimeSessions({ runtimeArns: [fakeRuntimeArn], ...options, pingMs, knobs: this.#knobs });
    if (realTime) this.#ticking = setInterval(() => void this.#sessions.advance(pingMs), pingMs);
  }

  static async start(options: FakeAgentCoreOptions): Promise<FakeAgentCore> {
    const serving: { fake?: FakeAgentCore } = {};
    const server = await startLoopbackServer((request) => {
      if (serving.fake === undefined) throw new Error('the fake is not there yet');
      return serving.fake.#answer(request);
    });
    serving.fake = new FakeAgentCore(server, options);
    return serving.fake;
  }

  /** The session as the service keeps it; `undefined` when the id was never invoked. */
  session(sessionId: string): RuntimeSession | undefined {
    return this.#sessions.find(sessionId);
  }

  /** What the last environment of a session printed: what AWS puts into the log group. Empty for one that did not come up. */
  logOf(sessionId: string): Promise<string> {
    return this.#sessions.logOf(sessionId);
  }

  /** Let `ms` milliseconds pass for the service, with its pings and the ends that are due. */
  advance(ms: number): Promise<void> {
    return this.#sessions.advance(ms);
  }

  /** The next `times` calls are refused before anything is done. */
  failNext(operation: AgentCoreOperation, name: AgentCoreErrorName, times = 1): void {
    this.#knobs.refuse(operation, name, times);
  }

  /** The next `times` containers do not come up. */
  breakContainers(times = 1): void {
    this.#knobs.breakContainers(times);
  }

  /** The next call is carried out, and its answer does not arrive. */
  loseNextAnswer(operation: AgentCoreOperation, at: AnswerPlace = 'before'): void {
    this.#knobs.lose(operation, at);
  }

  /** The next call is carried out, and its answer waits. */
  holdNextAnswer(operation: AgentCoreOperation, at: AnswerPlace = 'before'): HeldAnswer {
    return this.#knobs.hold(operation, at);
  }

  /** End all sessions and free the port. May be repeated. */
  async close(): Promise<void> {
    clearInterval(this.#ticking);
    await this.#server.close();
    await this.#sessions.close();
  }

  async #answer(http: LoopbackRequest): Promise<LoopbackAnswer> {
    const request = readRequest(http);
    if (request === undefined) return { status: 404, body: '{"message":"no such operation"}' };
    this.requests.push(request);
    try {
      checkRequest(request, http.headers['authorization']);
      this.#knobs.throwOrdered(request.operation);
      const answer = await this.#perform(request);
      return await deliver(answer, this.#knobs.takeDelay(request.operation), http.signal);
    } catch (error) {
      if (error instanceof Refusal) return refusalReply(error);
      throw error;
    }
  }

  async #perform(request: AgentCoreRequest): Promise<LoopbackAnswer> {
    if (request.operation === 'stop') return this.#stop(request);
    const { status, contentType, body } = await this.#sessions.invoke(request);
    if (status >= 200 && status < 300) {
      return { status: 200, headers: { 'content-type': contentType, [sessionHeader]: request.sessionId }, body };
    }
    throw new Refusal(
      'RuntimeClientError',
      `Received error (${String(status)}) from runtime. Please check your CloudWatch logs for more information.`,
    );
  }

  /** A token that was used before gets the answer it got then. */
  async #stop({ body, ...key }: AgentCoreRequest): Promise<LoopbackAnswer> {
    const { clientToken = '' } = JSON.parse(body || '{}') as { clientToken?: string };
    const before = this.#stopsByToken.get(clientToken);
    if (before !== undefined) return before;
    await this.#sessions.stop(key);
    const answer = { status: 200, headers: { [sessionHeader]: key.sessionId }, body: '{}' };
    if (clientToken !== '') this.#stopsByToken.set(clientToken, answer);
    return answer;
  }
}

async function deliver(answer: LoopbackAnswer, delay: Delay | undefined, signal: AbortSignal): Promise<LoopbackAnswer> {
  if (answer === 'hang_up') return answer;
  if (delay?.at !== 'before') return { ...answer, body: inChunks(String(answer.body), delay, signal) };
  return overOr(delay.wait(), signal).then(
    () => answer,
    () => 'hang_up',
  );
}

/** In two chunks, so that nobody takes one chunk for the whole. */
async function* inChunks(body: string, delay: Delay | undefined, signal: AbortSignal): AsyncGenerator<string> {
  const half = Math.ceil(body.length / 2);
  yield body.slice(0, half);
  if (delay !== undefined) await overOr(delay.wait(), signal);
  yield body.slice(half);
}

/** `waiting`, or a rejection when the caller has hung up. */
function overOr(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => {
    reject(new Error('the caller has hung up'));
  });
  return Promise.race([waiting, promise]);
}
