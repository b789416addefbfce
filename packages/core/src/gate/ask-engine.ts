import type { PolicyRequest, RuleFindings } from '../policy/policy-types.ts';
import { tiers } from '../policy/rule.ts';
import type { ToolCall } from '../ports/coding-agent.ts';
import { isReadOnly } from '../task/task.ts';
import { within } from '../time/within.ts';
import type { ToolGateDeps, ToolGateScope } from './gate-deps.ts';

/** Longest wait for the engine, in milliseconds: one that never answers must not hold a call for good. */
const judgeMs = 30_000;
/** Turns of the microtask queue in which an engine of this very process has answered. */
const ownTurns = 8;

/** What the engine finds of a call. Never rejects: an engine that is missing, fails or says what nobody knows has failed. */
export async function askEngine(
  { engine, clock, logger }: Pick<ToolGateDeps, 'engine' | 'clock' | 'logger'>,
  scope: ToolGateScope,
  call: ToolCall,
): Promise<RuleFindings> {
  if (engine === undefined) return failed('there is no policy engine');
  try {
    const judging = Promise.resolve(engine.judge(toRequest(scope, call)));
    const bound = { what: 'judging a call', ms: judgeMs };
    const answer = (await soon(judging)) ?? { value: await within(clock, bound, () => judging) };
    return isFindings(answer.value) ? answer.value : failed('the policy engine gave an answer that is not known');
  } catch (error) {
    logger.error('policy engine failed', { error, tool: call.toolName });
    return failed('the policy engine failed');
  }
}

function failed(what: string): RuleFindings {
  return { kind: 'failed', what };
}

function toRequest(
  { task, workspaceDir, protectedBranches }: ToolGateScope,
  { toolName, input }: ToolCall,
): PolicyRequest {
  const { taskId, taskType, repo } = task;
  return { taskId, taskType, repo, readOnly: isReadOnly(taskType), toolName, input, workspaceDir, protectedBranches };
}

/** What `pending` gives, if it does so within a few turns: a timer for every call of an agent costs more than the judging. */
async function soon(pending: Promise<unknown>): Promise<{ readonly value: unknown } | undefined> {
  let settled: { readonly value: unknown } | undefined;
  pending.then(
    (value) => (settled = { value }),
    () => undefined,
  );
  for (let turn = 0; turn < ownTurns && settled === undefined; turn += 1) await Promise.resolve();
  return settled;
}

/** The engine is another package, and of all answers this is the one that is never taken on trust. */
function isFindings(answer: unknown): answer is RuleFindings {
  if (!isFields(answer)) return false;
  if (answer['kind'] === 'failed') return typeof answer['what'] === 'string';
  return answer['kind'] === 'judged' && isListOf(answer['matches'], isMatch) && isJudgedCall(answer['call']);
}

function isMatch(match: unknown): boolean {
  if (!isFields(match) || !isFields(match['rule'])) return false;
  const { ruleId, tier } = match['rule'];
  const isRule = typeof ruleId === 'string' && (tiers as readonly unknown[]).includes(tier);
  return isRule && isListOf(match['subjects'], isFields);
}

function isJudgedCall(call: unknown): boolean {
  if (!isFields(call) || typeof call['resolved'] !== 'boolean') return false;
  return (
    isListOf(call['commands'], (text) => typeof text === 'string') && isFields(call['input']) && isFields(call['facts'])
  );
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  // Not every(): it passes over holes.
  return Array.isArray(value) && !Array.from<unknown>(value).some((item) => !isItem(item));
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
