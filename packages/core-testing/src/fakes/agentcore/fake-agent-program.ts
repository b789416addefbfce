import type { AgentContainer, ContainerAnswer, LaunchContainer } from './container.ts';
import type { AgentCoreRequest } from './wire.ts';

/**
 * The agent server as a backend for AgentCore has to be written, without a process: it takes an invocation at once, is busy
 * while it works, and asks its row before it begins anything. The rows outlive the environments, as a table does.
 */
export class FakeAgentProgram {
  /** Session ids that found work to do, in order. */
  readonly begun: string[] = [];
  /** What each environment was told, in order. */
  readonly told: AgentCoreRequest[] = [];
  readonly #rows = new Map<string, 'working' | 'done'>();
  readonly #answers: ContainerAnswer[] = [];
  readonly #crashes = new Map<string, () => void>();
  #deaf = false;

  /** Environments of this program; for `FakeAgentCore`. */
  readonly launch: LaunchContainer = async ({ sessionId }) => {
    const exited = Promise.withResolvers<undefined>();
    this.#crashes.set(sessionId, () => exited.resolve(undefined));
    // Work is done by the environment that began it. Another one finds it begun, and stays idle.
    const mine = { works: false };
    const container: AgentContainer = {
      invoke: async (request) => this.#take(request, mine),
      ping: async () => {
        if (this.#deaf) return undefined;
        return mine.works && this.#rows.get(sessionId) === 'working' ? 'HealthyBusy' : 'Healthy';
      },
      stop: async () => {
        exited.resolve(undefined);
      },
      exited: exited.promise,
    };
    return container;
  };

  /** The work of the session is done. Its environment stays, and is idle. */
  finish(sessionId: string): void {
    this.#rows.set(sessionId, 'done');
  }

  /** The container of the session ends by itself. */
  crash(sessionId: string): void {
    this.#crashes.get(sessionId)?.();
  }

  /** From now on no ping is answered. */
  ignorePings(): void {
    this.#deaf = true;
  }

  /** The next invocation is answered with this, and begins nothing. */
  answerNext(status: number, body: string): void {
    this.#answers.push({ status, contentType: 'application/json', body });
  }

  #take(request: AgentCoreRequest, mine: { works: boolean }): ContainerAnswer {
    this.told.push(request);
    const ordered = this.#answers.shift();
    if (ordered !== undefined) return ordered;
    const { sessionId } = request;
    if (!this.#rows.has(sessionId)) {
      this.#rows.set(sessionId, 'working');
      this.begun.push(sessionId);
      mine.works = true;
    }
    const body = JSON.stringify({ accepted: true, session_id: sessionId });
    return { status: 200, contentType: 'application/json', body };
  }
}
