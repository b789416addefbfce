import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalHash, canonicalJson } from '../crypto/canonical-hash.ts';
import type { ApprovalScope } from '../policy/approval-scope.ts';
import type { RuleFindings, RuleMatch } from '../policy/policy-types.ts';
import { aRequestId, testEpochMs } from '../testing/builders.ts';
import { aRule, aSoftMatch, someFindings } from '../testing/fake-policies.ts';
import { decideCall } from './decide-call.ts';
import { freshMemory, noteGrant } from './gate-memory.ts';
import {
  approveNext,
  createGateWorld,
  decide,
  finish,
  forcePush,
  leaveOpen,
  openRequests,
  scopeOf,
  until,
} from './gate-world.test-kit.ts';
import type { RecentDecision } from './recent-decisions.ts';
import { ToolGate } from './tool-gate.ts';

const call = { toolName: 'Bash', inputSha256: 'a'.repeat(64) };

const scopes: fc.Arbitrary<ApprovalScope> = fc.oneof(
  fc.constant<ApprovalScope>({ kind: 'all_session' }),
  fc.constantFrom('Bash', 'Edit').map((toolName): ApprovalScope => ({ kind: 'tool_type', toolName })),
  fc.constant<ApprovalScope>({ kind: 'tool_group', group: 'file_write' }),
  fc.constantFrom('hard_1', 'soft_1').map((ruleId): ApprovalScope => ({ kind: 'rule', ruleId })),
  fc.constantFrom('npm *', '*').map((pattern): ApprovalScope => ({ kind: 'bash_pattern', pattern })),
  fc.constantFrom('src/**', '**').map((pattern): ApprovalScope => ({ kind: 'write_path', pattern })),
);
const recent: fc.Arbitrary<RecentDecision> = fc.record({
  toolName: fc.constantFrom('Bash', 'Edit'),
  inputSha256: fc.constantFrom(call.inputSha256, 'b'),
  status: fc.constantFrom('DENIED', 'TIMED_OUT'),
  reason: fc.string(),
  requestId: fc.constant(aRequestId()),
  ruleIds: fc.subarray(['hard_1', 'soft_1']),
  atMs: fc.integer({ min: testEpochMs - 100_000, max: testEpochMs + 1_000 }),
});
const grants = fc.record({
  toolName: fc.constantFrom('Bash', 'Edit'),
  inputSha256: fc.constantFrom(call.inputSha256, 'b'),
  requestId: fc.constant(aRequestId()),
});
const matches: fc.Arbitrary<RuleMatch> = fc.oneof(
  fc.constant<RuleMatch>({ rule: aRule({ ruleId: 'hard_1' }), subjects: [{ kind: 'command' }] }),
  fc.constant(aSoftMatch({ ruleId: 'soft_1' })),
  fc.constant(aSoftMatch({ ruleId: 'soft_2' }, [{ kind: 'write', path: '../x' }])),
);
const views = fc.record({
  scopes: fc.array(scopes, { maxLength: 6 }),
  recent: fc.array(recent, { maxLength: 4 }),
  grants: fc.array(grants, { maxLength: 3 }),
});

/** Answers of an engine that is broken in any way, but for those that say as they should that nothing matched. */
function isHarmless(answer: unknown): boolean {
  const { kind, matches: found } = (answer ?? {}) as { readonly kind?: unknown; readonly matches?: unknown };
  return kind === 'judged' && Array.isArray(found) && found.length === 0;
}

describe('decideCall()', () => {
  test('nothing that was ever permitted or decided overrides a hard rule', () => {
    fc.assert(
      fc.property(fc.array(matches, { maxLength: 4 }), views, fc.nat(3), (others, view, at) => {
        const hard: RuleMatch = { rule: aRule({ ruleId: 'hard_1' }), subjects: [{ kind: 'command' }] };
        const found = others.toSpliced(at, 0, hard);
        const decision = decideCall(call, someFindings(found, { toolGroup: 'file_write' }), view, testEpochMs);
        expect(decision).toMatchObject({ outcome: 'deny', decidedBy: 'hard_rule' });
      }),
    );
  });

  test('a soft rule is passed by a scope or a grant of this very call, and by nothing else', () => {
    fc.assert(
      fc.property(fc.array(matches, { minLength: 1, maxLength: 4 }), views, (found, view) => {
        const decision = decideCall(call, someFindings(found), view, testEpochMs);
        if (decision.outcome !== 'allow') return;
        expect(['scope', 'grant']).toContain(decision.decidedBy);
        if (decision.decidedBy === 'grant') expect(decision.grant).toMatchObject(call);
        if (decision.decidedBy === 'scope') expect(view.scopes).not.toStrictEqual([]);
      }),
    );
  });
});

describe('ToolGate', () => {
  test('an approval never applies to a call with other arguments, whatever they are', async () => {
    const input = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant({ command: 'x' }), fc.constant({ a: 1, b: [2] }));
    await fc.assert(
      fc.asyncProperty(input, input, fc.boolean(), async (approved, other, isRestarted) => {
        const world = await createGateWorld({ scope: { approvalTimeoutS: 30 } });
        world.engine.answer = () => someFindings([aSoftMatch({ ruleId: 'soft_1' })]);
        let gate = world.gate;
        if (isRestarted) {
          const { task, request } = await leaveOpen(world, { ...forcePush, input: approved ?? null });
          await decide(world, request.requestId, { kind: 'approve', scope: 'this_call' });
          gate = new ToolGate(world.deps, scopeOf(task, { approvalTimeoutS: 30 }));
          await gate.settle();
        } else {
          const judging = gate.judge({ ...forcePush, input: approved });
          await approveNext(world);
          expect(await finish(world, judging, 60_000, 5_000)).toStrictEqual({ kind: 'allow' });
        }

        const verdict = await finish(world, gate.judge({ ...forcePush, input: other }), 60_000, 10_000);

        const isSame = canonicalJson(approved) === canonicalJson(other);
        expect(verdict.kind).toBe(isSame && isRestarted ? 'allow' : 'deny');
      }),
      { numRuns: 40 },
    );
  });

  test('a grant is for one call', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), async (calls) => {
        const request = { ...call, requestId: aRequestId(), ruleIds: [] };
        const input = { command: 'git push --force' };
        const memory = noteGrant(freshMemory(), { ...request, inputSha256: await canonicalHash(input) });
        const world = await createGateWorld({ memory, scope: { approvalTimeoutS: 30 } });

        const judging = Promise.all(Array.from({ length: calls }, () => world.gate.judge({ ...forcePush, input })));

        const verdicts = await finish(world, judging, 300_000, 10_000);
        expect(verdicts.filter(({ kind }) => kind === 'allow')).toHaveLength(1);
      }),
      { numRuns: 8 },
    );
  });

  test('no input makes it throw, hang or allow what is asked about', async () => {
    const odd = fc.constantFrom<unknown>(
      1n,
      { a: 1n },
      cyclic(),
      () => 1,
      Symbol('s'),
      Number.NaN,
      [undefined],
      deep(),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.anything(), odd), fc.string(), async (input, toolName) => {
        const world = await createGateWorld({ scope: { approvalTimeoutS: 30 } });
        world.engine.answer = () => someFindings([aSoftMatch({ ruleId: 'soft_1' })]);

        const verdict = await finish(world, world.gate.judge({ ...forcePush, toolName, input }), 60_000, 10_000);

        expect(verdict).toMatchObject({ kind: 'deny', reason: expect.any(String) });
        expect(await openRequests(world)).toStrictEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('no answer of the engine makes it throw, hang or allow', async () => {
    const rule = fc.oneof(
      fc.anything(),
      fc.record({
        ruleId: fc.anything(),
        tier: fc.anything(),
        severity: fc.anything(),
        approvalTimeoutS: fc.anything(),
      }),
      fc.record({ ruleId: fc.string(), tier: fc.constantFrom('soft', 'odd', undefined) }),
    );
    const match = fc.oneof(
      fc.anything(),
      fc.record({ rule, subjects: fc.oneof(fc.anything(), fc.array(fc.anything())) }),
    );
    const judged = fc.record({
      kind: fc.constantFrom<unknown>('judged', 'failed', 'allow', undefined),
      matches: fc.oneof(fc.anything(), fc.array(match)),
      call: fc.oneof(
        fc.anything(),
        fc.record({
          resolved: fc.oneof(fc.boolean(), fc.anything()),
          commands: fc.oneof(fc.array(fc.string()), fc.anything()),
          input: fc.oneof(fc.constant({}), fc.anything()),
          facts: fc.oneof(fc.constant({}), fc.anything()),
        }),
      ),
      what: fc.anything(),
      hint: fc.anything(),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.anything(), judged), async (answer) => {
        fc.pre(!isHarmless(answer));
        const world = await createGateWorld({ scope: { approvalTimeoutS: 30 } });
        world.engine.answer = () => answer as RuleFindings;

        const verdict = await finish(world, world.gate.judge(forcePush), 60_000, 10_000);

        expect(verdict).toMatchObject({ kind: 'deny', reason: expect.any(String) });
      }),
      { numRuns: 150 },
    );
  });

  test.each<[string, unknown]>([
    ['no parts', { kind: 'judged', matches: [] }],
    ['no call', { kind: 'judged', matches: [], call: undefined }],
    ['a call of no parts', { kind: 'judged', matches: [], call: {} }],
    ['a call with no commands', aJudgement({ commands: undefined })],
    ['a call with commands that are none', aJudgement({ commands: [1] })],
    ['a call that may be resolved', aJudgement({ resolved: 'yes' })],
    ['a call without an input', aJudgement({ input: null })],
    ['a call without facts', aJudgement({ facts: undefined })],
    ['matches that are none', { ...someFindings(), matches: 'none' }],
    ['a hole for a match', { ...someFindings(), matches: new Array(1) }],
    ['nothing for a match', { ...someFindings(), matches: [null] }],
    ['a match on no rule', { ...someFindings(), matches: [{ rule: undefined, subjects: [] }] }],
    ['a match on a rule of no tier', { ...someFindings(), matches: [{ rule: { ruleId: 'r' }, subjects: [] }] }],
    ['a match on a rule of no name', { ...someFindings(), matches: [{ rule: { tier: 'soft' }, subjects: [] }] }],
    ['a match on no subjects', { ...someFindings(), matches: [{ rule: aRule(), subjects: undefined }] }],
    ['a match on subjects that are none', { ...someFindings(), matches: [{ rule: aRule(), subjects: [1] }] }],
    ['a failure that says nothing', { kind: 'failed' }],
    ['nothing', undefined],
    ['a text', 'allow'],
  ])('an answer with %s is not known', async (_what, answer) => {
    const world = await createGateWorld();
    world.engine.answer = () => answer as RuleFindings;

    expect(await world.gate.judge(forcePush)).toStrictEqual({
      kind: 'deny',
      reason: 'fail-closed: the policy engine gave an answer that is not known',
    });
  });

  test('an engine that answers with what never comes holds nobody for good', async () => {
    const world = await createGateWorld();
    world.engine.answer = () => ({ then: () => undefined }) as never;

    const judging = world.gate.judge(forcePush);
    await until(() => world.clock.sleeping > 0);

    expect(await finish(world, judging, 40_000, 10_000)).toMatchObject({ kind: 'deny' });
  });
});

function aJudgement(call: Record<string, unknown>): unknown {
  return { ...someFindings(), call: { ...someFindings().call, ...call } };
}

function cyclic(): unknown {
  const input: unknown[] = [];
  input.push(input);
  return input;
}

function deep(): unknown {
  let input: unknown = 'x';
  for (let depth = 0; depth < 20_000; depth += 1) input = [input];
  return input;
}
