import type { AgentRunHooks, Logger, ToolCall, ToolVerdict } from '@abca/core';
import { describeReason } from './outcome.ts';

/**
 * Asks the gate about each tool call once and remembers the answer, so that the SDK's other ways to a permission can be
 * held to it. A gate that throws denies.
 */
export class Gatekeeper {
  readonly #hooks: AgentRunHooks;
  readonly #logger: Logger;
  readonly #verdicts = new Map<string, Promise<ToolVerdict>>();

  constructor(hooks: AgentRunHooks, logger: Logger) {
    this.#hooks = hooks;
    this.#logger = logger;
  }

  judge(call: ToolCall): Promise<ToolVerdict> {
    const known = this.#verdicts.get(call.toolUseId);
    if (known) return known;
    const verdict = this.#ask(call);
    this.#verdicts.set(call.toolUseId, verdict);
    return verdict;
  }

  /** The verdict on a call that has been judged. */
  async find(toolUseId: string): Promise<ToolVerdict | undefined> {
    return this.#verdicts.get(toolUseId);
  }

  async #ask(call: ToolCall): Promise<ToolVerdict> {
    try {
      return await this.#hooks.gate(call);
    } catch (error) {
      this.#logger.error('tool gate failed', { toolName: call.toolName, error });
      return { kind: 'deny', reason: `fail-closed: ${describeReason(error)}` };
    }
  }
}
