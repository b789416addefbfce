import { describe, expect, test } from '@jest/globals';
import { canonicalHash } from '../crypto/canonical-hash.ts';
import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import type { ToolCall, ToolVerdict } from '../ports/coding-agent.ts';
import { aTask, testEpochMs } from '../testing/builders.ts';
import { someFindings } from '../testing/fake-policies.ts';
import { formatIso } from '../time/iso-time.ts';
import {
  approveNext,
  aShellCall,
  createGateWorld,
  decide,
  denyNext,
  fieldsOf,
  finish,
  forcePush,
  forcePushMatch,
  judgeAndAnswer,
  leaveOpen,
  logOf,
  openRequest,
  openRequests,
  quiet,
  runningTask,
  scopeOf,
  secret,
  taskOf,
  toldIn,
  until,
  type GateWorld,
} from './gate-world.test-kit.ts';
import { freshMemory } from './gate-memory.ts';
import { ToolGate } from './tool-gate.ts';

const allow: ToolVerdict = { kind: 'allow' };
const otherPush = aShellCall('git push --force origin other');
const lost = new AbcaError('SERVICE_UNAVAILABLE', 'the store does not answer', { retryable: true });

function denied(reason: string): ToolVerdict {
  return { kind: 'deny', reason };
}

/** The moments, in seconds from now, at which the decision was read. */
function watchReads(world: GateWorld): number[] {
  const at: number[] = [];
  const startMs = world.clock.nowMs();
  const find = world.approvals.find.bind(world.approvals);
  world.approvals.find = (key, options) => {
    // Reads of the tests themselves have no signal.
    if (options?.signal !== undefined) at.push((world.clock.nowMs() - startMs) / 1000);
    return find(key, options);
  };
  return at;
}

/** Reads of the gate fail until it is called; those of the test do not. */
function failReads(world: GateWorld): () => void {
  const find = world.approvals.find.bind(world.approvals);
  world.approvals.find = (key, options) => (options?.signal === undefined ? find(key, options) : Promise.reject(lost));
  return () => {
    world.approvals.find = find;
  };
}

describe('ToolGate', () => {
  describe('judge() without a person', () => {
    test('allows what no rule minds, and tells what was decided', async () => {
      const world = await createGateWorld();

      const verdict = await world.gate.judge(aShellCall('npm test', { turn: 4 }));

      expect(verdict).toStrictEqual(allow);
      expect((await logOf(world)).map(({ eventType, metadata }) => ({ eventType, metadata }))).toStrictEqual([
        {
          eventType: 'agent_tool_call',
          metadata: { tool_name: 'Bash', tool_input_preview: 'npm test', turn: 4 },
        },
        {
          eventType: 'policy_decision',
          metadata: {
            tool_name: 'Bash',
            outcome: 'allow',
            decided_by: 'no_rule',
            matching_rule_ids: [],
            turn: 4,
            read_only: false,
            task_type: 'new_task',
            protected_branches: ['main'],
            input: { command: 'npm test' },
            facts: {},
          },
        },
      ]);
    });

    test('asks the engine about the call in the terms of the task', async () => {
      const world = await createGateWorld({ task: aTask({ status: 'RUNNING', taskType: 'pr_review' }) });

      await world.gate.judge(aShellCall('npm test'));

      expect(world.engine.asked).toStrictEqual([
        {
          taskId: runningTask.taskId,
          taskType: 'pr_review',
          repo: 'acme/shop',
          readOnly: true,
          toolName: 'Bash',
          input: { command: 'npm test' },
          workspaceDir: '/work/repo',
          protectedBranches: ['main'],
        },
      ]);
    });

    test('denies what a hard rule forbids, without asking', async () => {
      const world = await createGateWorld({ memory: freshMemory([{ kind: 'all_session' }]) });

      const verdict = await world.gate.judge(aShellCall('rm -rf /'));

      expect(verdict).toStrictEqual(denied('Hard-deny: rm_slash. nothing would be left'));
      expect(await openRequests(world)).toStrictEqual([]);
      expect(world.logger.lines).toContainEqual({
        level: 'info',
        message: 'tool call denied',
        fields: { tool: 'Bash', reason: 'Hard-deny: rm_slash. nothing would be left' },
      });
    });

    test('allows what a scope of the submit permits', async () => {
      const world = await createGateWorld({ memory: freshMemory([{ kind: 'rule', ruleId: 'force_push_any' }]) });

      expect(await world.gate.judge(forcePush)).toStrictEqual(allow);
      expect(await fieldsOf(world, 'policy_decision')).toMatchObject({
        outcome: 'allow',
        decided_by: 'scope',
        scope: 'rule:force_push_any',
        matching_rule_ids: ['force_push_any'],
      });
    });

    test.each<[string, Partial<GateWorld['deps']>, string]>([
      ['there is no engine', { engine: undefined }, 'there is no policy engine'],
      [
        'the engine rejects',
        { engine: { rules: [], warnings: [], judge: () => Promise.reject(new Error('wasm trap')) } },
        'the policy engine failed',
      ],
      [
        'the engine throws',
        {
          engine: {
            rules: [],
            warnings: [],
            judge: () => {
              throw new Error('wasm trap');
            },
          },
        },
        'the policy engine failed',
      ],
      [
        'the engine answers what nobody knows',
        { engine: { rules: [], warnings: [], judge: () => Promise.resolve({ kind: 'fine' } as never) } },
        'the policy engine gave an answer that is not known',
      ],
    ])('denies when %s', async (_what, deps, why) => {
      const world = await createGateWorld({ deps });

      expect(await world.gate.judge(forcePush)).toStrictEqual(denied(`fail-closed: ${why}`));
      expect(await fieldsOf(world, 'policy_decision')).toMatchObject({ outcome: 'deny', decided_by: 'fail_closed' });
    });

    test('tells an operator why the engine failed', async () => {
      const error = new Error('wasm trap');
      const world = await createGateWorld({
        deps: { engine: { rules: [], warnings: [], judge: () => Promise.reject(error) } },
      });

      await world.gate.judge(forcePush);

      expect(world.logger.lines).toContainEqual({
        level: 'error',
        message: 'policy engine failed',
        fields: { error, tool: 'Bash' },
      });
    });

    test('denies when the engine does not answer in 30 s', async () => {
      const world = await createGateWorld();
      world.engine.answer = () => new Promise(() => undefined);

      const judging = world.gate.judge(forcePush);
      let isOver = false;
      void judging.then(() => (isOver = true));
      await quiet();
      await world.clock.advance(29_999);
      expect(isOver).toBe(false);
      await world.clock.advance(1);

      expect(await judging).toStrictEqual(denied('fail-closed: the policy engine failed'));
    });

    test('denies what the engine could not judge', async () => {
      const world = await createGateWorld();
      world.engine.answer = () => ({ kind: 'failed', what: 'the command cannot be read' });

      expect(await world.gate.judge(forcePush)).toStrictEqual(denied('fail-closed: the command cannot be read'));
    });

    test.each<[string, unknown]>([
      ['a cycle', cyclic()],
      ['a number that JSON does not know', { big: 1n }],
      ['a function', () => 1],
    ])('denies an input with %s, and does not show it to the engine', async (_what, input) => {
      const world = await createGateWorld();

      const verdict = await world.gate.judge({ ...forcePush, input });

      expect(verdict).toStrictEqual(denied('fail-closed: the input cannot be hashed'));
      expect(world.engine.asked).toStrictEqual([]);
      expect(await fieldsOf(world, 'policy_decision')).not.toHaveProperty('input');
    });

    test('judges a call without an input', async () => {
      const world = await createGateWorld();

      expect(await world.gate.judge({ ...forcePush, input: undefined })).toStrictEqual(allow);
      expect(world.engine.asked).toHaveLength(1);
    });

    test('denies all when the session is ending', async () => {
      const world = await createGateWorld();
      world.stop('the task was cancelled');

      expect(await world.gate.judge(aShellCall('npm test'))).toStrictEqual(
        denied('fail-closed: the session is ending: the task was cancelled'),
      );
      expect(world.engine.asked).toStrictEqual([]);
    });

    test('denies when what was decided cannot be told', async () => {
      const failure = new Error(`no room for ${secret}`);
      const world = await createGateWorld({ deps: { publish: () => Promise.reject(failure) } });

      const verdict = await world.gate.judge(aShellCall('npm test'));

      expect(verdict).toStrictEqual(denied('fail-closed: the gate failed: no room for [REDACTED-GITHUB_TOKEN]'));
      expect(world.logger.lines).toContainEqual({
        level: 'error',
        message: 'tool gate failed',
        fields: { tool: 'Bash', error: failure },
      });
    });
  });

  describe('judge() when a person approves', () => {
    test('allows the call, and asks again about the next one', async () => {
      const world = await createGateWorld();

      const first = await judgeAndAnswer(world, forcePush, approveNext);
      const second = await judgeAndAnswer(world, forcePush, approveNext);

      expect([first.verdict, second.verdict]).toStrictEqual([allow, allow]);
      expect(first.request.requestId).not.toBe(second.request.requestId);
      expect(await taskOf(world)).toMatchObject({ status: 'RUNNING' });
      expect(await taskOf(world)).not.toHaveProperty('awaitingApprovalRequestId');
    });

    test('asks with all that a person needs, bound to the arguments', async () => {
      const world = await createGateWorld();

      const { request } = await judgeAndAnswer(world, forcePush, approveNext);

      expect(request).toStrictEqual({
        taskId: runningTask.taskId,
        userId: 'ann',
        repo: 'acme/shop',
        requestId: '01KAREQ0000000000000000001',
        status: 'PENDING',
        toolName: 'Bash',
        inputSha256: await canonicalHash({ command: 'git push --force' }),
        input: 'git push --force',
        inputPreview: 'git push --force',
        reason: 'force_push_any: a force push rewrites history',
        severity: 'medium',
        matchingRuleIds: ['force_push_any'],
        timeoutS: 300,
        suggestedScopes: ['this_call', 'bash_pattern:git push --force', 'rule:force_push_any', 'tool_type:Bash'],
        judged: {
          resolved: true,
          commands: ['git push --force'],
          matches: [{ ruleId: 'force_push_any', subjects: [{ kind: 'command' }] }],
        },
        createdAt: formatIso(testEpochMs),
        expiresAt: formatIso(testEpochMs + 300_000),
        ttl: testEpochMs / 1000 + 300 + limits.approvalTtlS,
      });
    });

    test('does not ask again about what the scope of the answer permits', async () => {
      const world = await createGateWorld();
      await judgeAndAnswer(world, forcePush, (asked) => approveNext(asked, 'rule:force_push_any'));

      expect(await world.gate.judge(otherPush)).toStrictEqual(allow);
      expect(await openRequests(world)).toStrictEqual([]);
    });

    test('tells the events in order, the request behind the decision to ask', async () => {
      const world = await createGateWorld();

      const { request } = await judgeAndAnswer(world, forcePush, (asked) => approveNext(asked, 'rule:force_push_any'));

      expect(await toldIn(world)).toStrictEqual([
        'agent_tool_call',
        'policy_decision',
        'approval_requested',
        'approval_decision_recorded',
        'approval_granted',
      ]);
      const { requestId } = request;
      expect(await fieldsOf(world, 'policy_decision')).toMatchObject({ outcome: 'ask', request_id: requestId });
      expect(await fieldsOf(world, 'approval_requested')).toStrictEqual({
        milestone: 'approval_requested',
        request_id: requestId,
        tool_name: 'Bash',
        input_preview: 'git push --force',
        input_sha256: request.inputSha256,
        reason: 'force_push_any: a force push rewrites history',
        severity: 'medium',
        timeout_s: 300,
        expires_at: request.expiresAt,
        matching_rule_ids: ['force_push_any'],
      });
      expect(await fieldsOf(world, 'approval_granted')).toStrictEqual({
        milestone: 'approval_granted',
        request_id: requestId,
        scope: 'rule:force_push_any',
        decided_at: formatIso(testEpochMs),
        created_at: request.createdAt,
        effective_timeout_s: 300,
        matching_rule_ids: ['force_push_any'],
      });
    });

    test('writes what led to the request before it', async () => {
      let flushed = 0;
      const world = await createGateWorld({
        deps: {
          flush: () => {
            flushed += 1;
            return Promise.resolve();
          },
        },
      });
      const { request } = world.approvals;
      const flushedBefore: number[] = [];
      world.approvals.request = (wanted, options) => {
        flushedBefore.push(flushed);
        return request.call(world.approvals, wanted, options);
      };

      await judgeAndAnswer(world, forcePush, approveNext);

      expect(flushedBefore).toStrictEqual([1]);
    });

    test('renews the lease on resuming (L1)', async () => {
      const world = await createGateWorld();

      const judging = world.gate.judge(forcePush);
      await openRequest(world);
      await world.clock.advance(200_000);
      await approveNext(world);
      await finish(world, judging);

      const { leaseExpiresAt } = await taskOf(world);
      expect(leaseExpiresAt! > formatIso(testEpochMs + 200_000 + limits.heartbeatLostMs - 1)).toBe(true);
    });
  });

  describe('judge() when a person denies', () => {
    test('denies with the reason, which is told to the model once', async () => {
      const world = await createGateWorld();

      const { verdict, request } = await judgeAndAnswer(world, forcePush, (asked) => denyNext(asked, 'use a branch'));

      expect(verdict).toStrictEqual(denied('Denied by a person: use a branch'));
      expect(world.gate.takeDenials()).toStrictEqual([
        { requestId: request.requestId, decidedAt: formatIso(testEpochMs), reason: 'use a branch' },
      ]);
      expect(world.gate.takeDenials()).toStrictEqual([]);
      expect(await fieldsOf(world, 'approval_denied')).toStrictEqual({
        milestone: 'approval_denied',
        request_id: request.requestId,
        reason: 'use a branch',
        decided_at: formatIso(testEpochMs),
        created_at: request.createdAt,
        effective_timeout_s: 300,
        matching_rule_ids: ['force_push_any'],
      });
      expect((await taskOf(world)).status).toBe('RUNNING');
    });

    test.each([undefined, ''])('says so when no reason was given (%p)', async (reason) => {
      const world = await createGateWorld();

      const { verdict } = await judgeAndAnswer(world, forcePush, (asked) => denyNext(asked, reason));

      expect(verdict).toStrictEqual(denied('Denied by a person: no reason was given'));
    });

    test('refuses the same call again from memory', async () => {
      const world = await createGateWorld();
      const { request } = await judgeAndAnswer(world, forcePush, (asked) => denyNext(asked, 'no'));
      await world.clock.advance(10_000);

      const again = await world.gate.judge(forcePush);

      expect(again).toStrictEqual(
        denied(
          `a person denied this 12 s ago (request ${request.requestId}): no. It is not asked again within 60 s; reach the goal another way.`,
        ),
      );
      expect(world.gate.takeDenials()).toHaveLength(1);
      expect((await toldIn(world)).filter((name) => name === 'approval_requested')).toHaveLength(1);
    });

    test('refuses another call of the denied rule for 60 s, and asks after', async () => {
      const world = await createGateWorld();
      await judgeAndAnswer(world, forcePush, (asked) => denyNext(asked, 'no'));
      await world.clock.advance(testEpochMs + 59_999 - world.clock.nowMs());

      const before = await world.gate.judge(otherPush);
      await world.clock.advance(1);
      const after = await judgeAndAnswer(world, otherPush, approveNext);

      expect(before).toMatchObject({ kind: 'deny', reason: expect.stringContaining('a person denied this 60 s ago') });
      expect(after.verdict).toStrictEqual(allow);
    });

    test('a call of another rule is asked about all the same', async () => {
      const world = await createGateWorld();
      await judgeAndAnswer(world, forcePush, (asked) => denyNext(asked, 'no'));

      const { verdict } = await judgeAndAnswer(world, aShellCall('deploy it'), approveNext);

      expect(verdict).toStrictEqual(allow);
    });
  });

  describe('judge() when nobody answers', () => {
    test('denies at the end of the time and closes the request', async () => {
      const world = await createGateWorld();
      const judging = world.gate.judge(forcePush);
      const { requestId, taskId, createdAt } = await openRequest(world);
      await world.clock.advance(299_999);
      expect((await taskOf(world)).status).toBe('AWAITING_APPROVAL');

      await world.clock.advance(1);

      expect(await judging).toStrictEqual(
        denied(
          'Nobody approved this within 300 s. force_push_any: a force push rewrites history Reach the goal another way.',
        ),
      );
      expect(await world.approvals.find({ taskId, requestId })).toMatchObject({ status: 'TIMED_OUT' });
      expect(await fieldsOf(world, 'approval_timed_out')).toStrictEqual({
        milestone: 'approval_timed_out',
        request_id: requestId,
        timeout_s: 300,
        created_at: createdAt,
        effective_timeout_s: 300,
        matching_rule_ids: ['force_push_any'],
      });
      expect((await taskOf(world)).status).toBe('RUNNING');
      expect(world.gate.takeDenials()).toStrictEqual([]);
    });

    test('refuses the same call for a minute, and other calls of the rule not', async () => {
      const world = await createGateWorld();
      await finish(world, world.gate.judge(forcePush));

      const same = await world.gate.judge(forcePush);
      const other = await judgeAndAnswer(world, otherPush, approveNext);

      expect(same).toMatchObject({ kind: 'deny', reason: expect.stringContaining('nobody answered request') });
      expect(other.verdict).toStrictEqual(allow);
    });

    test('tells what made the wait shorter', async () => {
      const world = await createGateWorld();
      const judging = world.gate.judge(aShellCall('deploy it'));
      const request = await openRequest(world);
      await finish(world, judging);

      expect(request).toMatchObject({ timeoutS: 60, severity: 'high', expiresAt: formatIso(testEpochMs + 60_000) });
      expect(await toldIn(world)).toStrictEqual([
        'agent_tool_call',
        'policy_decision',
        'approval_timeout_capped',
        'approval_requested',
        'approval_timed_out',
      ]);
    });
  });

  describe('judge() when the task or the session ends meanwhile', () => {
    test('denies when the task is cancelled', async () => {
      const world = await createGateWorld();
      const judging = world.gate.judge(forcePush);
      const { taskId, requestId } = await openRequest(world);
      const from = 'AWAITING_APPROVAL';
      await world.tasks.transition({ taskId, from, to: 'CANCELLED', atMs: world.clock.nowMs(), events: [] });

      const verdict = await finish(world, judging, 2_000);

      expect(verdict).toStrictEqual(denied('the task is over'));
      expect(await world.approvals.find({ taskId, requestId })).toMatchObject({ status: 'STRANDED' });
      expect((await toldIn(world)).slice(2)).toStrictEqual(['approval_requested']);
      expect((await taskOf(world)).status).toBe('CANCELLED');
    });

    test('denies when the session is told to stop: the request is closed, the task goes on', async () => {
      const world = await createGateWorld();
      const judging = world.gate.judge(forcePush);
      const { taskId, requestId } = await openRequest(world);

      world.stop('asked to end');

      expect(await finish(world, judging, 0)).toMatchObject({ kind: 'deny' });
      expect(await world.approvals.find({ taskId, requestId })).toMatchObject({ status: 'TIMED_OUT' });
      expect((await taskOf(world)).status).toBe('RUNNING');
      expect(world.clock.sleeping).toBe(0);
    });

    test('an approval does not let a call through once the session is ending', async () => {
      const world = await createGateWorld();
      const judging = world.gate.judge(forcePush);
      const { requestId } = await openRequest(world);
      await decide(world, requestId, { kind: 'approve', scope: 'all_session' });

      world.stop('asked to end');

      expect(await finish(world, judging, 0)).toStrictEqual(denied('fail-closed: the session is ending: asked to end'));
      expect(await fieldsOf(world, 'approval_late_win')).toStrictEqual({
        milestone: 'approval_late_win',
        request_id: requestId,
        outcome: 'APPROVED',
        reason: 'it was decided in the moment the session ended',
      });
      expect((await taskOf(world)).status).toBe('RUNNING');
    });

    test('a task that another session took over is left alone', async () => {
      const world = await createGateWorld();
      const judging = world.gate.judge(forcePush);
      const { requestId, taskId } = await openRequest(world);
      const patch = { generation: 2 };
      await world.tasks.amend({ taskId, atMs: 0, whileIn: ['AWAITING_APPROVAL'], patch });
      await decide(world, requestId, { kind: 'approve', scope: 'this_call' });

      expect(await finish(world, judging)).toStrictEqual(denied('the task is AWAITING_APPROVAL'));
      expect((await taskOf(world)).status).toBe('AWAITING_APPROVAL');
    });

    test('a task that is not there any more has its call denied', async () => {
      const world = await createGateWorld();
      const judging = world.gate.judge(forcePush);
      const { requestId } = await openRequest(world);
      await decide(world, requestId, { kind: 'approve', scope: 'this_call' });
      world.tasks.transition = () => Promise.resolve({ kind: 'absent' });

      expect(await finish(world, judging)).toStrictEqual(denied('the task is over'));
    });
  });

  describe('judge() when the decision comes in the last moment', () => {
    /** A world at the deadline of its request, in which `meanwhile` happens between the last read and the closing. */
    async function atDeadline(
      meanwhile: (world: GateWorld, requestId: Parameters<typeof decide>[1]) => unknown,
    ): Promise<{ readonly world: GateWorld; readonly verdict: ToolVerdict }> {
      const world = await createGateWorld();
      const judging = world.gate.judge(forcePush);
      const { requestId } = await openRequest(world);
      const { expire } = world.approvals;
      world.approvals.expire = async (request, options) => {
        await meanwhile(world, requestId);
        return expire.call(world.approvals, request, options);
      };
      return { world, verdict: await finish(world, judging) };
    }

    const justBefore = testEpochMs + 299_999;

    test('an approval is honoured, and told as a late one', async () => {
      const { world, verdict } = await atDeadline((asked, requestId) =>
        decide(asked, requestId, { kind: 'approve', scope: 'rule:force_push_any' }, justBefore),
      );

      expect(verdict).toStrictEqual(allow);
      expect(await world.gate.judge(otherPush)).toStrictEqual(allow);
      expect((await toldIn(world)).slice(2, 6)).toStrictEqual([
        'approval_requested',
        'approval_decision_recorded',
        'approval_late_win',
        'approval_granted',
      ]);
      expect(await fieldsOf(world, 'approval_late_win')).toMatchObject({
        outcome: 'APPROVED',
        reason: 'it was decided in the moment its time ran out',
      });
    });

    test('a denial is honoured, and told as a late one', async () => {
      const { world, verdict } = await atDeadline((asked, requestId) =>
        decide(asked, requestId, { kind: 'deny', reason: 'no' }, justBefore),
      );

      expect(verdict).toStrictEqual(denied('Denied by a person: no'));
      expect(await fieldsOf(world, 'approval_late_win')).toMatchObject({ outcome: 'DENIED' });
      expect(world.gate.takeDenials()).toMatchObject([{ reason: 'no', decidedAt: formatIso(justBefore) }]);
    });

    test('a request that the store still calls open is no approval', async () => {
      const world = await createGateWorld();
      const judging = world.gate.judge(forcePush);
      const approval = await openRequest(world);
      world.approvals.expire = () => Promise.resolve({ kind: 'lost', approval });

      expect(await finish(world, judging)).toMatchObject({
        kind: 'deny',
        reason: expect.stringContaining('Nobody approved'),
      });
      expect((await taskOf(world)).status).toBe('RUNNING');
    });

    test('a request that is gone is no approval', async () => {
      const { world, verdict } = await atDeadline((asked, requestId) => {
        asked.approvals.forget({ taskId: runningTask.taskId, requestId });
      });

      expect(verdict).toMatchObject({ kind: 'deny', reason: expect.stringContaining('Nobody approved') });
      expect((await toldIn(world)).at(-1)).toBe('approval_timed_out');
      expect((await taskOf(world)).status).toBe('RUNNING');
    });

    test('a request that goes during the wait ends it', async () => {
      const world = await createGateWorld();
      const judging = world.gate.judge(forcePush);
      const { taskId, requestId } = await openRequest(world);
      world.approvals.forget({ taskId, requestId });

      expect(await finish(world, judging, 2_000)).toMatchObject({ kind: 'deny' });
      expect((await taskOf(world)).status).toBe('RUNNING');
    });
  });

  describe('the wait', () => {
    test('reads every 2 s for 30 s, then every 5 s, and once more at the end', async () => {
      const world = await createGateWorld({ scope: { approvalTimeoutS: 62 } });
      const reads = watchReads(world);

      const judging = world.gate.judge(forcePush);
      await openRequest(world);
      await finish(world, judging, 70_000, 250);

      expect(reads).toStrictEqual([
        0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 35, 40, 45, 50, 55, 60, 62,
      ]);
    });

    test('a decision is found at the next read', async () => {
      const world = await createGateWorld();
      const reads = watchReads(world);
      const judging = world.gate.judge(forcePush);
      await openRequest(world);
      await world.clock.advance(3_000);
      await approveNext(world);

      await finish(world, judging, 1_000, 250);

      expect(reads).toStrictEqual([0, 2, 4]);
    });

    test('a feed with news wakes it at once', async () => {
      let wake: (() => void) | undefined;
      const changed = () => new Promise<void>((resolve) => (wake = resolve));
      const world = await createGateWorld({ deps: { feed: { changed } } });
      const judging = world.gate.judge(forcePush);
      await until(() => wake !== undefined);
      await approveNext(world);

      wake?.();

      expect(await finish(world, judging, 0)).toStrictEqual(allow);
      expect(world.clock.sleeping).toBe(0);
    });

    test('a feed is asked about this request, and told when nobody listens any more', async () => {
      const asked: unknown[] = [];
      const signals: (AbortSignal | undefined)[] = [];
      const world = await createGateWorld({
        deps: {
          feed: {
            changed: (request, options) => {
              asked.push(request);
              signals.push(options?.signal);
              return new Promise(() => undefined);
            },
          },
        },
      });
      const judging = world.gate.judge(forcePush);
      const { taskId, requestId } = await approveNext(world);

      await finish(world, judging);

      expect(asked).toStrictEqual([{ taskId, requestId }]);
      expect(signals.map((signal) => signal?.aborted)).toStrictEqual([true]);
    });

    test.each<[string, () => Promise<void>]>([
      ['rejects', () => Promise.reject(new Error('the feed broke'))],
      [
        'throws',
        () => {
          throw new Error('the feed broke');
        },
      ],
      ['never answers', () => new Promise(() => undefined)],
    ])('a feed that %s is as good as none', async (_what, changed) => {
      const world = await createGateWorld({ deps: { feed: { changed } } });
      const reads = watchReads(world);
      const judging = world.gate.judge(forcePush);
      await openRequest(world);
      await world.clock.advance(3_000);
      await approveNext(world);

      expect(await finish(world, judging, 1_000, 250)).toStrictEqual(allow);
      expect(reads).toStrictEqual([0, 2, 4]);
    });

    test('is told to be degraded after three reads that failed in a row, once', async () => {
      const world = await createGateWorld();
      const mend = failReads(world);
      const judging = world.gate.judge(forcePush);
      const { requestId } = await openRequest(world);
      await world.clock.advance(3_000);
      expect(await toldIn(world)).not.toContain('approval_poll_degraded');
      await world.clock.advance(9_000);
      mend();
      await approveNext(world);

      expect(await finish(world, judging)).toStrictEqual(allow);
      expect(await fieldsOf(world, 'approval_poll_degraded')).toStrictEqual({
        milestone: 'approval_poll_degraded',
        request_id: requestId,
        consecutive_failures: 3,
      });
      expect(world.logger.lines).toContainEqual({
        level: 'warn',
        message: 'decision could not be read',
        fields: { requestId, error: lost },
      });
    });

    test('counts failures in a row: one read that works begins anew', async () => {
      const world = await createGateWorld();
      const mend = failReads(world);
      const judging = world.gate.judge(forcePush);
      await openRequest(world);
      await world.clock.advance(17_000);
      mend();
      await world.clock.advance(2_000);
      const mendAgain = failReads(world);
      await world.clock.advance(20_000);

      expect((await taskOf(world)).status).toBe('AWAITING_APPROVAL');
      mendAgain();
      await approveNext(world);
      expect(await finish(world, judging)).toStrictEqual(allow);
      expect((await toldIn(world)).filter((name) => name === 'approval_poll_degraded')).toHaveLength(2);
    });

    test('is over after ten reads that failed in a row', async () => {
      const world = await createGateWorld();
      failReads(world);
      const judging = world.gate.judge(forcePush);
      await openRequest(world);
      await world.clock.advance(17_999);
      expect((await taskOf(world)).status).toBe('AWAITING_APPROVAL');

      await world.clock.advance(1);

      expect(await judging).toMatchObject({ kind: 'deny', reason: expect.stringContaining('Nobody approved') });
      expect((await taskOf(world)).status).toBe('RUNNING');
      expect((await toldIn(world)).at(-1)).toBe('approval_timed_out');
    });

    test('a decision made while it could not be read counts', async () => {
      const world = await createGateWorld();
      failReads(world);
      const judging = world.gate.judge(forcePush);
      const { requestId } = await openRequest(world);
      await decide(world, requestId, { kind: 'approve', scope: 'this_call' });

      expect(await finish(world, judging)).toStrictEqual(allow);
      expect(await fieldsOf(world, 'approval_late_win')).toMatchObject({
        reason: 'it was decided while the store could not be read',
      });
    });

    test('a read that never answers is given up after 10 s', async () => {
      const world = await createGateWorld();
      const { find } = world.approvals;
      let stuck = true;
      world.approvals.find = (key, options) =>
        stuck && options?.signal !== undefined
          ? new Promise(() => undefined)
          : find.call(world.approvals, key, options);
      const judging = world.gate.judge(forcePush);
      await openRequest(world);
      await approveNext(world);
      stuck = false;

      expect(await finish(world, judging, 12_000)).toStrictEqual(allow);
    });
  });

  describe('several calls at once', () => {
    test('one person is asked at a time', async () => {
      const world = await createGateWorld();
      const first = world.gate.judge(forcePush);
      const asked = await openRequest(world);
      const second = world.gate.judge(otherPush);
      await quiet();

      expect(await openRequests(world)).toStrictEqual([asked]);
      await approveNext(world);
      expect(await finish(world, first)).toStrictEqual(allow);
      await approveNext(world);
      expect(await finish(world, second)).toStrictEqual(allow);
    });

    test('calls that nobody is asked about do not wait', async () => {
      const world = await createGateWorld();
      const asking = world.gate.judge(forcePush);
      await openRequest(world);

      expect(await world.gate.judge(aShellCall('npm test'))).toStrictEqual(allow);
      await approveNext(world);
      await finish(world, asking);
    });

    test('the second is judged anew after the first, by its scope', async () => {
      const world = await createGateWorld();
      const first = world.gate.judge(forcePush);
      await openRequest(world);
      const second = world.gate.judge(otherPush);
      await quiet();
      await approveNext(world, 'rule:force_push_any');

      expect(await finish(world, Promise.all([first, second]))).toStrictEqual([allow, allow]);
      expect((await toldIn(world)).filter((name) => name === 'approval_requested')).toHaveLength(1);
    });

    test('the second is judged anew after the first, by its denial', async () => {
      const world = await createGateWorld();
      const first = world.gate.judge(forcePush);
      await openRequest(world);
      const second = world.gate.judge(otherPush);
      await quiet();
      await denyNext(world, 'no');

      const verdicts = await finish(world, Promise.all([first, second]));

      expect(verdicts).toMatchObject([
        { reason: 'Denied by a person: no' },
        { reason: expect.stringContaining('a person denied this 2 s ago') },
      ]);
    });

    test('the second is denied when the session ends during the first', async () => {
      const world = await createGateWorld();
      const first = world.gate.judge(forcePush);
      await openRequest(world);
      const second = world.gate.judge(otherPush);
      await quiet();

      world.stop('asked to end');

      expect(await finish(world, Promise.all([first, second]), 0)).toMatchObject([
        { kind: 'deny' },
        denied('fail-closed: the session is ending: asked to end'),
      ]);
    });

    test('a call whose asking failed does not keep the next from its turn', async () => {
      const world = await createGateWorld();
      const failure = new Error('no id');
      const newRequestId = world.deps.ids.newRequestId.bind(world.deps.ids);
      let failures = 0;
      (world.deps.ids as { newRequestId: typeof newRequestId }).newRequestId = () => {
        failures += 1;
        if (failures === 1) throw failure;
        return newRequestId();
      };
      const first = world.gate.judge(forcePush);
      const second = world.gate.judge(otherPush);
      await approveNext(world);

      // Whichever was hashed first asks first.
      const verdicts = await finish(world, Promise.all([first, second]));
      expect(verdicts.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toStrictEqual([
        allow,
        denied('fail-closed: the gate failed: no id'),
      ]);
    });
  });

  describe('bounds on asking', () => {
    test('no more than the cap of the task', async () => {
      const world = await createGateWorld({ scope: { gateCap: 2 } });
      await judgeAndAnswer(world, forcePush, approveNext);
      await judgeAndAnswer(world, forcePush, approveNext);

      const verdict = await world.gate.judge(forcePush);

      expect(verdict).toStrictEqual(
        denied('the task has asked for 2 approvals, which is all it may; go on without this call'),
      );
      expect((await toldIn(world)).slice(-3)).toStrictEqual([
        'agent_tool_call',
        'policy_decision',
        'approval_cap_exceeded',
      ]);
      expect(await fieldsOf(world, 'approval_cap_exceeded')).toMatchObject({ count: 2, cap: 2 });
      expect((await logOf(world)).at(-2)!.metadata).toMatchObject({ outcome: 'deny', decided_by: 'soft_rule' });
    });

    test('no more than 20 in 60 s, and again after', async () => {
      const feed = { changed: () => new Promise<void>((resolve) => setImmediate(resolve)) };
      const world = await createGateWorld({ deps: { feed } });
      for (let asked = 0; asked < 20; asked += 1) {
        const { verdict } = await judgeAndAnswer(world, aShellCall(`git push ${String(asked)}`), approveAtOnce);
        expect(verdict).toStrictEqual(allow);
      }

      const refused = await world.gate.judge(forcePush);
      await world.clock.advance(60_000);
      const { verdict } = await judgeAndAnswer(world, forcePush, approveAtOnce);

      expect(refused).toMatchObject({
        kind: 'deny',
        reason: expect.stringMatching(/^more than 20 approvals in a minute; .* try again in \d+ s$/),
      });
      expect(await fieldsOf(world, 'approval_rate_limit_exceeded')).toMatchObject({ rate: 20, limit: 20 });
      expect(verdict).toStrictEqual(allow);
    });

    test('not when too little of the task is left for an answer', async () => {
      const world = await createGateWorld({
        task: aTask({ status: 'RUNNING', deadlineAt: formatIso(testEpochMs + 149_000) }),
      });

      expect(await world.gate.judge(forcePush)).toStrictEqual(
        denied(
          'only 29 s are left before the task has to end, too few for a person to answer; go on without this call',
        ),
      );
      expect((await taskOf(world)).status).toBe('RUNNING');
    });

    test('waits that the end of the task shortens are told, the shortening once', async () => {
      const world = await createGateWorld({
        task: aTask({ status: 'RUNNING', deadlineAt: formatIso(testEpochMs + 320_000) }),
      });

      const first = await judgeAndAnswer(world, forcePush, approveNext);
      const second = await judgeAndAnswer(world, forcePush, approveNext);

      expect([first.request.timeoutS, second.request.timeoutS]).toStrictEqual([200, 198]);
      const told = await toldIn(world);
      expect(told.filter((name) => name === 'approval_ceiling_shrinking')).toHaveLength(1);
      expect(told.filter((name) => name === 'approval_timeout_capped')).toHaveLength(2);
      expect(told.slice(0, 5)).toStrictEqual([
        'agent_tool_call',
        'policy_decision',
        'approval_ceiling_shrinking',
        'approval_timeout_capped',
        'approval_requested',
      ]);
    });
  });

  describe('a session that takes the place of another', () => {
    /** A second session over a request of the first, in the state that `meanwhile` left it in. */
    async function restarted(
      meanwhile: (world: GateWorld, requestId: Parameters<typeof decide>[1]) => unknown = () => undefined,
    ): Promise<GateWorld & { readonly requestId: Parameters<typeof decide>[1] }> {
      const world = await createGateWorld();
      const { task, request } = await leaveOpen(world, forcePush);
      await meanwhile(world, request.requestId);
      const scope = scopeOf(task);
      return { ...world, scope, gate: new ToolGate(world.deps, scope), requestId: request.requestId };
    }

    test('withdraws a request that is still open', async () => {
      const world = await restarted();

      await world.gate.settle();

      const { taskId } = runningTask;
      const { requestId } = world;
      expect(await world.approvals.find({ taskId, requestId })).toMatchObject({ status: 'TIMED_OUT' });
      expect((await taskOf(world)).status).toBe('RUNNING');
      expect(await toldIn(world)).toStrictEqual(['approval_timed_out']);
      expect(await world.gate.judge(forcePush)).toMatchObject({ kind: 'deny' });
    });

    test('an approval lets its one call through, and no other', async () => {
      const world = await restarted((asked, requestId) =>
        decide(asked, requestId, { kind: 'approve', scope: 'this_call' }),
      );
      await world.gate.settle();

      const other = world.gate.judge(otherPush);
      const { requestId } = await openRequest(world);
      const given = await world.gate.judge(forcePush);
      await decide(world, requestId, { kind: 'deny', reason: 'no' });

      expect(await finish(world, other)).toMatchObject({ kind: 'deny' });
      expect(given).toStrictEqual(allow);
      expect((await logOf(world)).filter(({ metadata }) => metadata['decided_by'] === 'grant')).toHaveLength(1);
      expect(await world.gate.judge(forcePush)).toMatchObject({ kind: 'deny' });
    });

    test('an approval with a scope permits what it says from now on', async () => {
      const world = await restarted((asked, requestId) =>
        decide(asked, requestId, { kind: 'approve', scope: 'rule:force_push_any' }),
      );
      await world.gate.settle();

      expect(await world.gate.judge(otherPush)).toStrictEqual(allow);
      expect(await world.gate.judge(otherPush)).toStrictEqual(allow);
    });

    test('a denial is told to the model, and the call refused from memory', async () => {
      const world = await restarted((asked, requestId) => decide(asked, requestId, { kind: 'deny', reason: 'no' }));
      await world.gate.settle();

      expect(world.gate.takeDenials()).toStrictEqual([
        { requestId: world.requestId, decidedAt: formatIso(testEpochMs), reason: 'no' },
      ]);
      expect(await world.gate.judge(forcePush)).toMatchObject({
        reason: expect.stringContaining('a person denied this'),
      });
      expect((await taskOf(world)).status).toBe('RUNNING');
    });

    test('a request that the store forgot holds nobody', async () => {
      const world = await restarted((asked, requestId) => {
        asked.approvals.forget({ taskId: runningTask.taskId, requestId });
      });

      await world.gate.settle();

      expect((await taskOf(world)).status).toBe('RUNNING');
      const { verdict } = await judgeAndAnswer(world, forcePush, approveNext);
      expect(verdict).toStrictEqual(allow);
    });

    test('a task that does not wait any more is left as it is', async () => {
      const world = await restarted();
      const { taskId } = runningTask;
      const from = 'AWAITING_APPROVAL';
      await world.tasks.transition({ taskId, from, to: 'RUNNING', atMs: 0, events: [] });

      await world.gate.settle();
      await world.gate.settle();

      expect(await toldIn(world)).toStrictEqual([]);
      expect((await taskOf(world)).status).toBe('RUNNING');
    });

    test('settles before it asks, should nobody have told it to', async () => {
      const world = await restarted();

      const { verdict } = await judgeAndAnswer(world, otherPush, approveNext);

      expect(verdict).toStrictEqual(allow);
      expect((await toldIn(world))[0]).toBe('approval_timed_out');
    });

    test('asks nobody while it is not known what the task waits for', async () => {
      const world = await restarted();
      const { find } = world.tasks;
      world.tasks.find = () => Promise.reject(lost);

      const refused = await finish(world, world.gate.judge(otherPush));
      world.tasks.find = find;
      const { verdict } = await judgeAndAnswer(world, otherPush, approveNext);

      expect(refused).toStrictEqual(denied(`fail-closed: request ${world.requestId} could not be closed yet`));
      expect(verdict).toStrictEqual(allow);
      expect(world.logger.lines).toContainEqual({
        level: 'warn',
        message: 'open request could not be settled',
        fields: { requestId: world.requestId, error: 'the store does not answer' },
      });
    });
  });

  describe('a store that fails', () => {
    test('a request that could not be made is told, and its call denied', async () => {
      const world = await createGateWorld();
      world.approvals.request = () => Promise.reject(new AbcaError('STORE_ERROR', `refused ${secret}`));

      expect(await finish(world, world.gate.judge(forcePush))).toStrictEqual(
        denied('fail-closed: the approval could not be asked for: refused [REDACTED-GITHUB_TOKEN]'),
      );
      expect(await fieldsOf(world, 'approval_write_failed')).toStrictEqual({
        milestone: 'approval_write_failed',
        request_id: '01KAREQ0000000000000000001',
        error: 'refused [REDACTED-GITHUB_TOKEN]',
      });
      expect((await taskOf(world)).status).toBe('RUNNING');
    });

    test('a task that is not running is not asked for', async () => {
      const world = await createGateWorld({ task: aTask({ status: 'FINALIZING' }) });

      expect(await finish(world, world.gate.judge(forcePush))).toStrictEqual(
        denied('fail-closed: the approval could not be asked for: the task is FINALIZING'),
      );
      expect(await fieldsOf(world, 'approval_write_failed')).toMatchObject({ error: 'the task is FINALIZING' });
    });

    test('a session that is faster than the record of its start waits for it', async () => {
      const session = scopeOf(runningTask).session;
      const world = await createGateWorld({ task: aTask({ status: 'HYDRATING', ...session }) });
      const judging = world.gate.judge(forcePush);
      // The engine has answered and the hash is made: what sleeps is the wait.
      await quiet();
      await world.clock.advance(14_900);
      const { taskId } = runningTask;
      await world.tasks.transition({ taskId, from: 'HYDRATING', to: 'RUNNING', atMs: 0, patch: session, events: [] });
      await world.clock.advance(100);
      await approveNext(world);

      expect(await finish(world, judging)).toStrictEqual(allow);
    });

    test('and gives up after 15 s, or when it is told to stop', async () => {
      const [slow, stopped] = await Promise.all(
        [0, 1].map(() => createGateWorld({ task: aTask({ status: 'HYDRATING', ...scopeOf(runningTask).session }) })),
      );
      const { request } = stopped!.approvals;
      let asked = 0;
      stopped!.approvals.request = (wanted, options) => {
        asked += 1;
        return request.call(stopped!.approvals, wanted, options);
      };
      const judging = stopped!.gate.judge(forcePush);
      await until(() => asked > 0);
      stopped!.stop('asked to end');

      const refused = denied('fail-closed: the approval could not be asked for: the task is HYDRATING');
      expect(await finish(slow!, slow!.gate.judge(forcePush), 15_000, 500)).toStrictEqual(refused);
      expect(await finish(stopped!, judging, 500, 500)).toStrictEqual(refused);
    });

    test('a task that is not there is not asked for', async () => {
      const world = await createGateWorld();
      world.approvals.request = () => Promise.resolve({ kind: 'lost', task: undefined });

      expect(await finish(world, world.gate.judge(forcePush))).toStrictEqual(
        denied('fail-closed: the approval could not be asked for: the task is gone'),
      );
    });

    test('a request whose writing arrives after it was given up is found and closed', async () => {
      const world = await createGateWorld();
      const { request } = world.approvals;
      let arrive: (() => unknown) | undefined;
      world.approvals.request = (wanted) => {
        arrive = () => request.call(world.approvals, wanted);
        return Promise.reject(lost);
      };
      await finish(world, world.gate.judge(forcePush));
      await world.gate.settle();
      world.approvals.request = request;
      await arrive?.();

      const refused = await finish(world, world.gate.judge(otherPush));
      await world.gate.settle();

      expect(refused).toStrictEqual(
        denied('fail-closed: the approval could not be asked for: the task is AWAITING_APPROVAL'),
      );
      expect((await taskOf(world)).status).toBe('RUNNING');
    });

    test("another session's request is not closed", async () => {
      const world = await createGateWorld();
      const { task } = await leaveOpen(world, forcePush);

      const refused = await finish(world, world.gate.judge(otherPush));
      await world.gate.settle();

      expect(refused).toMatchObject({ reason: expect.stringContaining('the task is AWAITING_APPROVAL') });
      expect(await taskOf(world)).toStrictEqual(task);
      expect(await openRequests(world)).toHaveLength(1);
    });

    test('an approval whose task could not be resumed denies, and gives its call once the store is back', async () => {
      const world = await createGateWorld();
      const { transition } = world.tasks;
      const error = `throttled ${'x'.repeat(600)}`;
      world.tasks.transition = () => Promise.reject(new AbcaError('STORE_ERROR', error));
      const { verdict, request } = await judgeAndAnswer(world, forcePush, approveNext);
      expect((await taskOf(world)).status).toBe('AWAITING_APPROVAL');
      world.tasks.transition = transition;

      await world.gate.settle();
      const again = await world.gate.judge(forcePush);

      expect(verdict).toMatchObject({
        reason: expect.stringMatching(/^fail-closed: the task could not be resumed: throttled x+…$/),
      });
      expect(again).toStrictEqual(allow);
      const told = await fieldsOf(world, 'approval_resume_failed');
      expect(told).toMatchObject({ request_id: request.requestId });
      expect(String(told['error'])).toHaveLength(500);
      expect((await taskOf(world)).status).toBe('RUNNING');
    });

    test('what does not answer is named, to the agent and to an operator', async () => {
      const world = await createGateWorld();
      const never = () => new Promise<never>(() => undefined);
      world.approvals.request = never;
      const verdict = await finish(world, world.gate.judge(forcePush));
      world.tasks.find = never;
      await finish(world, world.gate.settle());

      const error = 'asking for the approval took longer than 10 s';
      const requestId = '01KAREQ0000000000000000001';
      expect(verdict).toStrictEqual(denied(`fail-closed: the approval could not be asked for: ${error}`));
      expect(world.logger.lines.filter(({ level }) => level !== 'info')).toStrictEqual([
        { level: 'error', message: 'approval could not be asked for', fields: { requestId, error } },
        {
          level: 'warn',
          message: 'open request could not be settled',
          fields: { requestId, error: 'reading the task took longer than 10 s' },
        },
      ]);
    });

    test('reads and closings that do not answer are named', async () => {
      const world = await createGateWorld({ scope: { approvalTimeoutS: 30 } });
      const { find } = world.approvals;
      const never = () => new Promise<never>(() => undefined);
      world.approvals.find = (key, options) =>
        options?.signal === undefined ? find.call(world.approvals, key, options) : never();
      world.approvals.expire = never;
      await finish(world, world.gate.judge(forcePush));
      await finish(world, world.gate.settle());

      const named = world.logger.lines.map(({ fields }) =>
        fields['error'] instanceof Error ? fields['error'].message : fields['error'],
      );
      expect(named).toContain('reading the decision took longer than 10 s');
      expect(named).toContain('closing the request took longer than 10 s');
      expect(named).toContain('reading the request took longer than 10 s');
    });

    test('a request that could not be closed is closed once the store is back', async () => {
      const world = await createGateWorld();
      const { expire } = world.approvals;
      world.approvals.expire = () => Promise.reject(new AbcaError('STORE_ERROR', `refused ${secret}`));
      const judging = world.gate.judge(forcePush);
      const { taskId, requestId } = await openRequest(world);
      const verdict = await finish(world, judging);
      expect((await taskOf(world)).status).toBe('AWAITING_APPROVAL');
      world.approvals.expire = expire;
      await world.gate.settle();

      expect(verdict).toMatchObject({ reason: expect.stringContaining('Nobody approved this within 300 s') });
      expect(await fieldsOf(world, 'approval_resume_failed')).toMatchObject({
        error: 'refused [REDACTED-GITHUB_TOKEN]',
      });
      expect(await world.approvals.find({ taskId, requestId })).toMatchObject({ status: 'TIMED_OUT' });
      expect((await taskOf(world)).status).toBe('RUNNING');
      expect((await toldIn(world)).filter((name) => name === 'approval_timed_out')).toHaveLength(1);
      expect(world.logger.lines).toContainEqual({
        level: 'error',
        message: 'task could not be resumed',
        fields: { requestId, error: `refused ${secret}` },
      });
    });

    test('a denial whose task could not be resumed is remembered, and told to the model once', async () => {
      const world = await createGateWorld();
      const { transition } = world.tasks;
      world.tasks.transition = () => Promise.reject(new AbcaError('STORE_ERROR', 'throttled'));
      const { verdict } = await judgeAndAnswer(world, forcePush, (asked) => denyNext(asked, 'no'));
      world.tasks.transition = transition;
      await world.gate.settle();

      expect(verdict).toStrictEqual(denied('Denied by a person: no'));
      expect(await world.gate.judge(forcePush)).toMatchObject({ reason: expect.stringContaining('a person denied') });
      expect(world.gate.takeDenials()).toHaveLength(1);
    });

    test('a task that was resumed by a write whose answer was lost goes on', async () => {
      const world = await createGateWorld();
      const { transition } = world.tasks;
      let answers = 0;
      world.tasks.transition = async (move, options) => {
        const result = await transition.call(world.tasks, move, options);
        answers += 1;
        if (answers === 1) throw lost;
        return result;
      };

      const { verdict } = await judgeAndAnswer(world, forcePush, approveNext);

      expect(verdict).toStrictEqual(allow);
      expect(answers).toBe(2);
      expect((await toldIn(world)).filter((name) => name === 'approval_granted')).toHaveLength(1);
    });
  });

  describe('what is kept and said', () => {
    test('has no secret in it, wherever the call held it', async () => {
      const world = await createGateWorld();
      world.engine.answer = (request) =>
        someFindings([forcePushMatch({ summary: 'no' })], {
          input: request.input as Record<string, unknown>,
          commands: [`git push https://${secret}@host`, secret],
          facts: { [secret]: [secret] },
        });
      const call: ToolCall = {
        ...forcePush,
        toolName: `mcp__${secret}`,
        input: { command: `git push https://x:${secret}@host`, [secret]: { nested: [`a\n${secret}`] } },
      };

      const first = await judgeAndAnswer(world, call, (asked) => denyNext(asked, 'no'));
      const second = await world.gate.judge(call);

      const row = await world.approvals.find(first.request);
      const everything = JSON.stringify([first.verdict, second, row, await logOf(world), world.gate.takeDenials()]);
      expect(everything).not.toContain(secret);
      expect(everything).toContain('REDACTED');
    });

    test('a reason for the agent has at most 500 characters', async () => {
      const world = await createGateWorld();

      const { verdict } = await judgeAndAnswer(world, forcePush, (asked) => denyNext(asked, 'x'.repeat(2_000)));
      const again = await world.gate.judge(forcePush);

      expect([verdict, again].map((told) => told.kind === 'deny' && told.reason.length)).toStrictEqual([500, 500]);
    });

    test('an approval is for these arguments, whatever the call is named', async () => {
      const world = await createGateWorld();

      const { verdict } = await judgeAndAnswer(world, forcePush, approveNext);
      const other = world.gate.judge({ ...forcePush, input: { command: 'git push --force', timeout: 1 } });
      await openRequest(world);

      expect(verdict).toStrictEqual(allow);
      expect(await finish(world, other)).toMatchObject({ kind: 'deny' });
    });
  });
});

async function approveAtOnce(world: GateWorld): ReturnType<typeof openRequest> {
  return approveNext(world);
}

function cyclic(): unknown {
  const input: Record<string, unknown> = { command: 'git push' };
  input['self'] = input;
  return input;
}
