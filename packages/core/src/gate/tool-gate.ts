import { canonicalJson, sha256 } from '../crypto/canonical-hash.ts';
import type { RequestId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { RuleFindings } from '../policy/policy-types.ts';
import type { ToolCall, ToolVerdict } from '../ports/coding-agent.ts';
import { preview } from '../redaction/preview.ts';
import { askEngine } from './ask-engine.ts';
import { askPerson } from './ask-person.ts';
import { denyReasonOf, type Conclusion } from './conclude-request.ts';
import { decideCall, failClosed, type CallIdentity, type GateDecision } from './decide-call.ts';
import type { ToolGateDeps, ToolGateScope } from './gate-deps.ts';
import { callEvent, decisionEvent } from './gate-events.ts';
import {
  freshMemory,
  lastingScope,
  noteDenial,
  noteGrant,
  noteScope,
  noteTimeout,
  useGrant,
  type DecidedRequest,
  type GateMemory,
} from './gate-memory.ts';
import { describeError } from './gate-store.ts';
import { newApproval } from './new-approval.ts';
import { planRequest } from './plan-request.ts';
import { settleRequest } from './settle-request.ts';
import type { UserDenial } from './user-denial.ts';

/** A call on its way through the gate. */
interface JudgedToolCall {
  readonly call: ToolCall;
  readonly identity: CallIdentity;
  readonly findings: RuleFindings;
}

/**
 * Judges every tool call of a session before it happens, and asks a person where a rule says so. Fails closed: an engine that
 * is missing, throws or answers what nobody knows, a store that fails, an input that cannot be read: each is a deny that
 * says why. Never rejects.
 *
 * One person is asked at a time: calls that come meanwhile are judged at once, and wait for their turn when they have to
 * ask too. What was decided before them counts for them.
 */
export class ToolGate {
  readonly #deps: ToolGateDeps;
  readonly #scope: ToolGateScope;
  #memory: GateMemory;
  /** A request of which it is not known whether the task waits on it. */
  #unsettled: RequestId | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param memory what earlier sessions of the task left, and the scopes of the submit */
  constructor(deps: ToolGateDeps, scope: ToolGateScope, memory: GateMemory = freshMemory()) {
    this.#deps = deps;
    this.#scope = scope;
    this.#memory = memory;
    this.#unsettled = scope.task.awaitingApprovalRequestId;
  }

  async judge(call: ToolCall): Promise<ToolVerdict> {
    try {
      return await this.#judge(call);
    } catch (error) {
      this.#deps.logger.error('tool gate failed', { tool: call.toolName, error });
      return toVerdict(failClosed(`the gate failed: ${describeError(error)}`));
    }
  }

  /** The denials that the model has not been told of; they count as told from now on. */
  takeDenials(): readonly UserDenial[] {
    const { denials } = this.#memory;
    this.#memory = { ...this.#memory, denials: [] };
    return denials;
  }

  /**
   * Wait for calls that are being asked about, then close a request that an earlier session, or an answer that was lost, may
   * have left open. Never rejects.
   */
  async settle(): Promise<void> {
    await this.#inTurn(() => this.#settleNow());
  }

  async #judge(call: ToolCall): Promise<ToolVerdict> {
    const ending = this.#endingDeny();
    if (ending !== undefined) return this.#tell({ call, decision: ending, findings: notJudged });
    const json = canonicalInput(call);
    if (json === undefined) {
      return this.#tell({ call, decision: failClosed('the input cannot be hashed'), findings: notJudged });
    }
    const findings = await askEngine(this.#deps, this.#scope, call);
    const inputSha256 = mayBeAsked(findings) ? await sha256(json) : notHashed;
    const judged = { call, identity: { toolName: call.toolName, inputSha256 }, findings };
    const decision = this.#decide(judged);
    if (decision.outcome === 'ask') return this.#inTurn(() => this.#askInTurn(judged));
    return this.#conclude(judged, decision);
  }

  #decide({ identity, findings }: JudgedToolCall): GateDecision {
    return decideCall(identity, findings, this.#memory, this.#deps.clock.nowMs());
  }

  /** While it is not known whether the task waits for an earlier request, nobody can be asked: that request would be forgotten. */
  #decideInTurn(judged: JudgedToolCall): GateDecision {
    const decision = this.#decide(judged);
    if (decision.outcome !== 'ask' || this.#unsettled === undefined) return decision;
    return failClosed(`request ${this.#unsettled} could not be closed yet`);
  }

  /** A decision that needs nobody. */
  async #conclude(
    { call, findings }: JudgedToolCall,
    decision: Exclude<GateDecision, { outcome: 'ask' }>,
  ): Promise<ToolVerdict> {
    if (decision.decidedBy === 'grant') this.#memory = useGrant(this.#memory, decision.grant);
    return this.#tell({ call, decision, findings });
  }

  /** Judged anew: whoever was asked before may have permitted or refused this too. */
  async #askInTurn(judged: JudgedToolCall): Promise<ToolVerdict> {
    await this.#settleNow();
    const decision = this.#endingDeny() ?? this.#decideInTurn(judged);
    if (decision.outcome !== 'ask' || judged.findings.kind !== 'judged') {
      return this.#conclude(judged, decision.outcome === 'ask' ? failClosed('the call was not judged') : decision);
    }
    const requestId = this.#deps.ids.newRequestId();
    const nowMs = this.#deps.clock.nowMs();
    const plan = planRequest(this.#memory, this.#scope, { requestId, decision, nowMs });
    this.#memory = plan.memory;
    if (plan.kind === 'refused') {
      const denied = { ...decision, outcome: 'deny', reason: plan.reason } as const;
      const verdict = await this.#tell({ call: judged.call, decision: denied, findings: judged.findings });
      await this.#deps.publish(...plan.events);
      return verdict;
    }
    const { timeoutS } = plan;
    const { call, identity, findings } = judged;
    const parts = {
      requestId,
      call,
      inputSha256: identity.inputSha256,
      decision,
      judged: findings.call,
      timeoutS,
      nowMs,
    };
    const event = decisionEvent({ call, decision, findings, requestId }, this.#scope);
    await this.#deps.publish(callEvent(call, this.#scope), event, ...plan.events);
    return this.#follow(judged, await askPerson(this.#deps, this.#scope, newApproval(this.#scope, parts)), {
      requestId,
      ...identity,
      ruleIds: decision.matchingRuleIds,
    });
  }

  /** What a person's answer, or its absence, means for the call and for those after it. */
  #follow(
    { call }: JudgedToolCall,
    asked: Awaited<ReturnType<typeof askPerson>>,
    request: DecidedRequest,
  ): ToolVerdict {
    switch (asked.kind) {
      case 'not_asked':
        this.#unsettled = asked.waitsOn;
        return this.#refuse(call, `fail-closed: the approval could not be asked for: ${asked.why}`);
      case 'in_doubt':
        this.#unsettled = request.requestId;
        return this.#refuse(call, `fail-closed: the approval could not be asked for: ${asked.why}`);
      case 'concluded':
        return this.#followConclusion(call, asked.conclusion, request);
      default:
        return asked satisfies never;
    }
  }

  #followConclusion(call: ToolCall, conclusion: Conclusion, request: DecidedRequest): ToolVerdict {
    const { verdict, resumed, approval } = conclusion;
    if (resumed.kind === 'failed') this.#unsettled = request.requestId;
    // A denial is final whatever became of the task; an approval or a request without an answer may yet be found otherwise.
    if (resumed.kind !== 'failed' || verdict === 'denied') this.#noteConclusion(conclusion, request);
    if (verdict === 'denied') return this.#refuse(call, `Denied by a person: ${denyReasonOf(approval)}`);
    if (verdict === 'timed_out') {
      const seconds = String(approval.timeoutS);
      return this.#refuse(
        call,
        `Nobody approved this within ${seconds} s. ${approval.reason} Reach the goal another way.`,
      );
    }
    const ending = this.#deps.stop.reason();
    if (ending !== undefined) return toVerdict(endingDeny(ending));
    if (resumed.kind === 'failed')
      return this.#refuse(call, `fail-closed: the task could not be resumed: ${resumed.error}`);
    if (resumed.kind === 'lost') return this.#refuse(call, `the task is ${resumed.task?.status ?? 'over'}`);
    return { kind: 'allow' };
  }

  #noteConclusion({ verdict, approval }: Pick<Conclusion, 'verdict' | 'approval'>, request: DecidedRequest): void {
    if (verdict === 'approved') this.#memory = noteScope(this.#memory, lastingScope(approval.scope ?? 'this_call'));
    if (verdict === 'timed_out') this.#memory = noteTimeout(this.#memory, request, this.#deps.clock.nowMs());
    if (verdict !== 'denied' || this.#isRemembered(request)) return;
    const decidedAt = approval.decidedAt ?? approval.createdAt;
    this.#memory = noteDenial(this.#memory, request, { reason: denyReasonOf(approval), decidedAt });
  }

  #isRemembered({ requestId }: DecidedRequest): boolean {
    return this.#memory.recent.some((decision) => decision.requestId === requestId);
  }

  async #settleNow(): Promise<void> {
    const requestId = this.#unsettled;
    if (requestId === undefined) return;
    const settled = await settleRequest(this.#deps, this.#scope, requestId);
    if (settled.kind === 'in_doubt') return;
    this.#unsettled = undefined;
    if (settled.kind === 'nothing_open') return;
    const { approval, verdict } = settled.conclusion;
    const { toolName, inputSha256, matchingRuleIds } = approval;
    const request = { requestId, toolName, inputSha256, ruleIds: matchingRuleIds };
    this.#noteConclusion({ verdict, approval }, request);
    if (verdict === 'approved') this.#memory = noteGrant(this.#memory, request);
  }

  #endingDeny(): (GateDecision & { outcome: 'deny' }) | undefined {
    const reason = this.#deps.stop.reason();
    return reason && endingDeny(reason);
  }

  async #tell(told: {
    readonly call: ToolCall;
    readonly decision: Exclude<GateDecision, { outcome: 'ask' }>;
    readonly findings: RuleFindings;
  }): Promise<ToolVerdict> {
    const { call, decision, findings } = told;
    await this.#deps.publish(callEvent(call, this.#scope), decisionEvent({ call, decision, findings }, this.#scope));
    return decision.outcome === 'deny' ? this.#refuse(call, decision.reason) : { kind: 'allow' };
  }

  #refuse({ toolName }: ToolCall, reason: string): ToolVerdict {
    const verdict = { kind: 'deny', reason: preview(reason, limits.denyReasonChars.agent) } as const;
    this.#deps.logger.info('tool call denied', { tool: toolName, reason: verdict.reason });
    return verdict;
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act, act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

const notJudged: RuleFindings = { kind: 'failed', what: 'not judged' };

function endingDeny(reason: { readonly failure: { readonly message: string } }): GateDecision & { outcome: 'deny' } {
  return failClosed(`the session is ending: ${reason.failure.message}`);
}

function toVerdict({ reason }: { readonly reason: string }): ToolVerdict {
  return { kind: 'deny', reason: preview(reason, limits.denyReasonChars.agent) };
}

/** Stands for the hash of a call that no decision on another call can have to do with. */
const notHashed = '';

/** Whether a decision of a person may have to do with the call: only what a soft rule matches was ever asked about. */
function mayBeAsked(findings: RuleFindings): boolean {
  return findings.kind === 'judged' && findings.matches.some(({ rule }) => rule.tier !== 'hard');
}

function canonicalInput({ input }: ToolCall): string | undefined {
  try {
    return canonicalJson(input ?? null);
  } catch {
    return undefined;
  }
}
