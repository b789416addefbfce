import { describe, expect, test } from '@jest/globals';
import { parsePreApproval } from '../policy/approval-scope.ts';
import type { RuleMatch } from '../policy/policy-types.ts';
import { aRequestId, testEpochMs } from '../testing/builders.ts';
import { aRule, aSoftMatch, someFindings } from '../testing/fake-policies.ts';
import { decideCall, failClosed, type CallIdentity, type GateDecision, type GateView } from './decide-call.ts';
import type { RecentDecision } from './recent-decisions.ts';

const nowMs = testEpochMs;
const call: CallIdentity = { toolName: 'Bash', inputSha256: 'a'.repeat(64) };
const nothing: GateView = { scopes: [], recent: [], grants: [] };
const soft = aSoftMatch({ ruleId: 'soft_1' });
const hard: RuleMatch = { rule: aRule({ ruleId: 'hard_1' }), subjects: [{ kind: 'command' }] };
const onCall: RecentDecision = {
  ...call,
  status: 'DENIED',
  reason: 'no',
  requestId: aRequestId(),
  ruleIds: ['soft_1'],
  atMs: nowMs,
};
const ofRule: RecentDecision = { ...onCall, inputSha256: 'b'.repeat(64), requestId: aRequestId(2) };
const grant = { ...call, requestId: aRequestId(3) };
const allScopes = [parsePreApproval('all_session')];

function decide(matches: readonly RuleMatch[], view: Partial<GateView> = {}): GateDecision {
  return decideCall(call, someFindings(matches), { ...nothing, ...view }, nowMs);
}

function recentDeny(of: RecentDecision): GateDecision {
  return {
    outcome: 'deny',
    decidedBy: 'recent_decision',
    reason: `a person denied this 0 s ago (request ${of.requestId}): no. It is not asked again within 60 s; reach the goal another way.`,
    matchingRuleIds: ['soft_1'],
  };
}

describe('failClosed()', () => {
  test('says what was in doubt', () => {
    expect(failClosed('no engine')).toStrictEqual({
      outcome: 'deny',
      decidedBy: 'fail_closed',
      reason: 'fail-closed: no engine',
      matchingRuleIds: [],
    });
  });
});

describe('decideCall()', () => {
  test('denies what could not be judged, whatever is permitted', () => {
    const view = { ...nothing, scopes: allScopes, grants: [grant] };

    expect(decideCall(call, { kind: 'failed', what: 'no engine' }, view, nowMs)).toStrictEqual(failClosed('no engine'));
  });

  test('denies what a hard rule matched, with ids in order, summaries and the hint', () => {
    const matches = [
      { ...hard, rule: aRule({ ruleId: 'hard_2', summary: 'second.' }) },
      { ...hard, rule: aRule({ ruleId: 'hard_1', summary: 'first.' }) },
      hard,
      soft,
    ];

    const decision = decideCall(call, { ...someFindings(matches), hint: 'read so.' }, nothing, nowMs);

    expect(decision).toStrictEqual({
      outcome: 'deny',
      decidedBy: 'hard_rule',
      reason: 'Hard-deny: hard_1, hard_1, hard_2. second. first. read so.',
      matchingRuleIds: ['hard_1', 'hard_1', 'hard_2'],
    });
  });

  test('says no more than the id of a hard rule without a summary', () => {
    expect(decide([hard])).toMatchObject({ reason: 'Hard-deny: hard_1.' });
  });

  test('allows what no rule matched', () => {
    expect(decide([])).toStrictEqual({ outcome: 'allow', decidedBy: 'no_rule', matchingRuleIds: [] });
  });

  test('allows what scopes permit, and names the first', () => {
    const scopes = [parsePreApproval('rule:soft_2'), parsePreApproval('rule:soft_1')];

    expect(decide([soft, aSoftMatch({ ruleId: 'soft_2' })], { scopes })).toStrictEqual({
      outcome: 'allow',
      decidedBy: 'scope',
      scope: 'rule:soft_1',
      matchingRuleIds: ['soft_1', 'soft_2'],
    });
  });

  test('asks about the rules that no scope permits, and no others', () => {
    const other = aSoftMatch({ ruleId: 'soft_2' });

    expect(decide([soft, other], { scopes: [parsePreApproval('rule:soft_1')] })).toMatchObject({
      outcome: 'ask',
      asking: [other],
      matchingRuleIds: ['soft_2'],
    });
    expect(decide([soft, other], { scopes: [parsePreApproval('rule:soft_2')] })).toMatchObject({
      outcome: 'ask',
      asking: [soft],
      matchingRuleIds: ['soft_1'],
    });
  });

  test('scopes are held against the call as the engine read it, and the tool as the model called it', () => {
    const scopes = [parsePreApproval('bash_pattern:npm *')];
    const findings = someFindings([soft], { commands: ['npm test', 'git push'] });

    expect(decideCall(call, findings, { ...nothing, scopes }, nowMs).outcome).toBe('ask');
    expect(decide([soft], { scopes }).outcome).toBe('allow');
    expect(decide([soft], { scopes: [parsePreApproval('tool_type:Bash')] }).outcome).toBe('allow');
    expect(decide([soft], { scopes: [parsePreApproval('tool_type:Edit')] }).outcome).toBe('ask');
  });

  test('asks with the gravest severity, every timeout, and what each rule is about', () => {
    const matches = [
      aSoftMatch({ ruleId: 'b', severity: 'high', approvalTimeoutS: 60 }),
      aSoftMatch({ ruleId: 'a', severity: 'low', summary: 'mind the gap' }),
      aSoftMatch({ ruleId: 'c', severity: 'medium', approvalTimeoutS: 90 }),
    ];

    const decision = decideCall(call, { ...someFindings(matches), hint: 'read so.' }, nothing, nowMs);

    expect(decision).toStrictEqual({
      outcome: 'ask',
      decidedBy: 'soft_rule',
      reason: 'b. a: mind the gap c. read so.',
      severity: 'high',
      ruleTimeoutsS: [60, 90],
      asking: matches,
      matchingRuleIds: ['a', 'b', 'c'],
    });
  });

  test('a lone rule of little weight is asked about as such', () => {
    expect(decide([aSoftMatch({ severity: 'low' })])).toMatchObject({ severity: 'low', ruleTimeoutsS: [] });
  });

  test('refuses again what was refused within a minute', () => {
    expect(decide([soft], { recent: [onCall] })).toStrictEqual(recentDeny(onCall));
    expect(decide([soft], { recent: [ofRule] })).toStrictEqual(recentDeny(ofRule));
    expect(decide([soft], { recent: [{ ...onCall, atMs: nowMs - 60_000 }] }).outcome).toBe('ask');
  });

  test('an unanswered request refuses its call and not its rule', () => {
    expect(decide([soft], { recent: [{ ...onCall, status: 'TIMED_OUT' }] }).outcome).toBe('deny');
    expect(decide([soft], { recent: [{ ...ofRule, status: 'TIMED_OUT' }] }).outcome).toBe('ask');
  });

  test('a denial of a rule that a scope permits now does not count', () => {
    const matches = [soft, aSoftMatch({ ruleId: 'soft_2' })];

    expect(decide(matches, { scopes: [parsePreApproval('rule:soft_1')], recent: [ofRule] }).outcome).toBe('ask');
  });

  test('a grant allows exactly its call', () => {
    expect(decide([soft], { grants: [grant] })).toStrictEqual({
      outcome: 'allow',
      decidedBy: 'grant',
      grant,
      matchingRuleIds: ['soft_1'],
    });
    expect(decide([soft], { grants: [{ ...grant, toolName: 'Edit' }] }).outcome).toBe('ask');
    expect(decide([soft], { grants: [{ ...grant, inputSha256: 'b' }] }).outcome).toBe('ask');
  });

  test('a grant is not used where none is needed', () => {
    expect(decide([], { grants: [grant] })).toMatchObject({ decidedBy: 'no_rule' });
    expect(decide([soft], { scopes: allScopes, grants: [grant] })).toMatchObject({ decidedBy: 'scope' });
  });

  test('the first that decides wins', () => {
    const everything: GateView = { scopes: allScopes, recent: [onCall, ofRule], grants: [grant] };
    const { scopes: _scopes, ...noScopes } = everything;
    const steps: readonly [readonly RuleMatch[], Partial<GateView>][] = [
      [[hard, soft], everything],
      [[soft], everything],
      [[soft], noScopes],
      [[soft], { grants: [grant], recent: [ofRule] }],
      [[soft], { recent: [ofRule] }],
      [[soft], {}],
      [[], noScopes],
      [[], { grants: [grant] }],
    ];

    expect(
      steps.map(([matches, view]) => [decide(matches, view).outcome, decide(matches, view).decidedBy]),
    ).toStrictEqual([
      ['deny', 'hard_rule'],
      ['allow', 'scope'],
      ['deny', 'recent_decision'],
      ['allow', 'grant'],
      ['deny', 'recent_decision'],
      ['ask', 'soft_rule'],
      ['deny', 'recent_decision'],
      ['allow', 'no_rule'],
    ]);
  });
});
