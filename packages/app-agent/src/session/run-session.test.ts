import { describe, expect, test } from '@jest/globals';
import {
  AbcaError,
  formatIso,
  limits,
  type AgentOutcome,
  type CallOptions,
  type LeaseRenewal,
  type LeaseResult,
  type TaskRepository,
} from '@abca/core';
import { FakeCodingAgent, testEpochMs } from '@abca/core/testing';
import { exitCodeOf, type SessionEnd } from './session-end.ts';
import { branch, checkoutDir, drained, edit, editingWorld, say, session, World, wipRef } from './session.test-kit.ts';
import { runSession } from './run-session.ts';

const away = new AbcaError('SERVICE_UNAVAILABLE', 'the store does not answer', { retryable: true });
const terminated = new AbcaError('AGENT_TERMINATED', 'the session was asked to end by SIGTERM');
const anHourAgo = formatIso(testEpochMs - 3_600_000);
const wipFiles = { 'README.md': 'shop\n', 'fix.ts': 'fixed\n' };

describe('runSession()', () => {
  describe('when the agent finishes', () => {
    test('delivers branch and pull request and reports both', async () => {
      const world = await editingWorld();

      const end = await world.run();

      const headSha = world.repository.refs.get(`refs/heads/${branch}`);
      expect(world.filesAt(`refs/heads/${branch}`)).toStrictEqual(wipFiles);
      expect(end).toStrictEqual({
        kind: 'reported',
        result: {
          outcome: 'finished',
          headSha,
          prNumber: 1,
          prUrl: '/repos/shop.git#refs/abca/pulls/1/head',
          wipSha: world.repository.refs.get(wipRef),
          summary: 'done',
          turns: 2,
          costUsd: 0.1,
          inputTokens: 10,
          outputTokens: 5,
          model: 'fake',
        },
      });
      expect((await world.row()).result).toStrictEqual(end.kind === 'reported' && end.result);
      expect(world.signals.completed.get('callback-1')).toStrictEqual({ outcome: 'finished' });
      expect(exitCodeOf(end)).toBe(0);
    });

    test('takes its steps in order: lease, policies, clone, agent, delivery, result, callback', async () => {
      const world = await editingWorld();

      await world.run();

      const steps = world.calls.filter((call) => !call.startsWith('events.') && call !== 'forge.gatherEvidence');
      expect(steps).toStrictEqual([
        'tasks.renewLease',
        'policies.load',
        'contexts.find',
        'workspace.checkout',
        'agent.run',
        'tasks.renewLease',
        'workspace.saveWork',
        'workspace.commit',
        'workspace.push',
        'forge.ensurePullRequest',
        'tasks.amend',
        'signals.complete',
      ]);
    });

    test('tells what happens as events, in order', async () => {
      const world = await editingWorld();

      await world.run();

      expect(await world.eventTypes()).toStrictEqual([
        'repo_cloned',
        'pre_approvals_loaded',
        'agent_started',
        'agent_turn',
        'agent_cost_update',
        'agent_tool_call',
        'policy_decision',
        'agent_tool_result',
        'work_saved',
        'agent_turn',
        'branch_pushed',
        'diff_size',
        'pr_created',
      ]);
      expect((await world.eventsOf('agent_milestone')).at(-2)).toStrictEqual({
        milestone: 'diff_size',
        commits: 1,
        files: 1,
        insertions: 1,
        deletions: 0,
      });
    });

    test('gives the agent a checkout, a home and nothing else of the platform', async () => {
      const agent = new FakeCodingAgent([say('done')]);
      const world = await World.create({ agent });

      await world.run();

      expect(agent.runs[0]).toMatchObject({
        workspaceDir: checkoutDir,
        homeDir: '/sessions/s/home',
        shellEnvironment: { ABCA_SESSION_ID: session.sessionId },
        maxTurns: 10,
        maxBudgetUsd: 5,
      });
    });

    test('pushes nothing and opens nothing when nothing was changed, whatever the agent says', async () => {
      const world = await World.create({ steps: [say('all done, I pushed it')] });

      const end = await world.run();

      expect(end).toMatchObject({
        kind: 'reported',
        result: { outcome: 'finished', summary: 'all done, I pushed it' },
      });
      expect(end).not.toHaveProperty('result.headSha');
      expect(world.calls).not.toContain('workspace.push');
      expect(world.repository.pulls).toStrictEqual([]);
      expect(world.repository.refs.has(`refs/heads/${branch}`)).toBe(false);
    });

    test('writes nothing for a task that may only read', async () => {
      const world = await editingWorld([say('looks good')], { task: { taskType: 'pr_review' } });

      const end = await world.run();

      expect(end).toMatchObject({ result: { outcome: 'finished', summary: 'looks good' } });
      expect([...world.repository.refs.keys()]).toStrictEqual(['refs/heads/main']);
    });

    test('logs the cap that it runs with, and no guess where it comes from', async () => {
      const world = await editingWorld([say('done')], { task: { approvalGateCap: 50 } });

      await world.run();

      expect(world.logger.lines.find(({ message }) => message === 'policies loaded')?.fields).toStrictEqual({
        approval_gate_cap: 50,
        rules: 0,
        warnings: [],
      });
    });

    test('writes the result before it completes the callback', async () => {
      const world = await editingWorld();
      let resultAtCallback: unknown;
      world.before('signals.complete', async () => {
        resultAtCallback = (await world.row()).result?.outcome;
      });

      await world.run();

      expect(resultAtCallback).toBe('finished');
    });

    test('goes on without the diff size when the forge cannot tell it', async () => {
      const world = await editingWorld();
      world.before('forge.gatherEvidence', () => {
        throw away;
      });

      const end = await world.run();

      expect(end).toMatchObject({ result: { outcome: 'finished', prNumber: 1 } });
      expect(await world.eventTypes()).not.toContain('diff_size');
    });
  });

  describe('when a cap is reached', () => {
    test.each([
      ['turn_cap', 'AGENT_TURN_CAP'],
      ['budget_cap', 'AGENT_BUDGET_CAP'],
    ] as const)('saves the work of a run that ended by %s and does not push the branch', async (kind, code) => {
      const world = await editingWorld([{ kind: 'end', outcome: { kind } }]);

      const end = await world.run();

      expect(end).toMatchObject({ kind: 'reported', result: { outcome: 'capped', failure: { code }, turns: 1 } });
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
      expect(world.repository.refs.has(`refs/heads/${branch}`)).toBe(false);
      expect(world.signals.completed.get('callback-1')).toStrictEqual({ outcome: 'capped' });
      expect(exitCodeOf(end)).toBe(0);
    });

    test('ends a command that hangs when only the cleanup margin is left', async () => {
      const world = await editingWorld([{ kind: 'waitForAbort' }]);

      const end = await world.run({ maxMs: limits.sessionMs });

      expect(end).toMatchObject({ result: { outcome: 'capped', failure: { code: 'AGENT_LIFETIME_CAP' } } });
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
      const reportedAtMs = world.clock.nowMs();
      expect(reportedAtMs).toBeLessThanOrEqual(testEpochMs + limits.sessionMs - limits.cleanupMarginMs + 250);
    });

    test('gives a task that is shorter than the usual margin most of its time', async () => {
      const deadlineAt = formatIso(testEpochMs + 60_000);
      const working = { kind: 'act', run: () => world.clock.advance(40_000) } as const;
      const world: World = await editingWorld([working, say('done')], { task: { deadlineAt } });

      const end = await world.run();

      expect(end).toMatchObject({ result: { outcome: 'finished', prNumber: 1 } });
    });

    test.each(['workspace.push', 'workspace.saveWork'])(
      'reports a task that is shorter than the usual margin before its deadline, although %s hangs',
      async (call) => {
        const world = await editingWorld(call === 'workspace.push' ? [say('done')] : [{ kind: 'waitForAbort' }], {
          task: { deadlineAt: formatIso(testEpochMs + 60_000) },
        });
        world.before(call, (nth) => (call === 'workspace.push' || nth > 1 ? new Promise(() => undefined) : undefined));

        const end = await world.run();

        expect(end.kind).toBe('reported');
        expect(world.clock.nowMs()).toBeLessThan(testEpochMs + 60_000);
      },
    );

    test('starts no agent when no time is left after the clone', async () => {
      const deadlineAt = formatIso(testEpochMs + limits.cleanupMarginMs + 1_000);
      const world = await World.create({ task: { startedAt: anHourAgo, deadlineAt } });
      world.before('workspace.checkout', () => world.clock.advance(2_000));

      const end = await world.run();

      expect(end).toMatchObject({ result: { failure: { code: 'AGENT_LIFETIME_CAP' } } });
      expect(world.calls).not.toContain('workspace.commit');
    });

    test('does not cut a delivery short that started in time', async () => {
      const world = await editingWorld([say('done')], {
        task: { startedAt: anHourAgo, deadlineAt: formatIso(testEpochMs + 125_000) },
      });
      world.before('workspace.push', () => world.clock.advance(10_000));

      const end = await world.run();

      expect(end).toMatchObject({ result: { outcome: 'finished', prNumber: 1 } });
    });

    test('ends a delivery that hangs, with the work saved', async () => {
      const world = await editingWorld([say('done')], {
        task: { startedAt: anHourAgo, deadlineAt: formatIso(testEpochMs + 200_000) },
      });
      world.before('workspace.push', () => new Promise(() => undefined));

      const end = await world.run();

      expect(end).toMatchObject({ result: { outcome: 'failed', failure: { code: 'SERVICE_UNAVAILABLE' } } });
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
      expect(world.clock.nowMs()).toBeLessThan(testEpochMs + 200_000);
    });
  });

  describe('when it is told to end', () => {
    test('aborts the agent, saves the work, reports it and exits as terminated', async () => {
      const sigterm = new AbortController();
      const world = await editingWorld([
        { kind: 'act', run: () => sigterm.abort(terminated) },
        { kind: 'waitForAbort' },
      ]);

      const end = await world.run({ signal: sigterm.signal });

      expect(end).toMatchObject({
        kind: 'reported',
        result: {
          outcome: 'cancelled',
          failure: { code: 'AGENT_TERMINATED', message: 'the session was asked to end by SIGTERM' },
        },
      });
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
      expect(world.signals.completed.get('callback-1')).toStrictEqual({ outcome: 'cancelled' });
      expect(exitCodeOf(end)).toBe(143);
    });

    describe('and was cancelled just before', () => {
      /** A run that tells and changes something behind the signal, which comes behind what ends the task. */
      async function stoppedAfter(endTask: (world: World) => Promise<unknown>): Promise<[World, SessionEnd]> {
        const sigterm = new AbortController();
        const holder: { world?: World } = {};
        const world = (holder.world = await editingWorld([
          {
            kind: 'act',
            run: async ({ workspaceDir }, { progress }) => {
              await endTask(holder.world!);
              sigterm.abort(terminated);
              holder.world!.workspace.writeFile(workspaceDir, 'late.ts', 'late');
              await progress({ kind: 'tool_result', turn: 1, toolName: 'Bash', isError: true, content: 'killed' });
            },
          },
          { kind: 'waitForAbort' },
        ]));
        return [world, await world.run({ signal: sigterm.signal })];
      }

      test('adds no event to the log that the cancel ended, and saves the work', async () => {
        const [world, end] = await stoppedAfter((ended) => ended.cancel());

        expect((await world.log()).at(-1)?.eventType).toBe('task_cancelled');
        expect(world.filesAt(wipRef)).toHaveProperty(['late.ts']);
        expect(end).toStrictEqual({ kind: 'lease_lost' });
        expect(await world.row()).not.toHaveProperty('result');
      });

      test('leaves the saved work alone when another session has taken over', async () => {
        const [world, end] = await stoppedAfter(({ tasks }) =>
          tasks.amend({ taskId: session.taskId, atMs: 0, whileIn: ['RUNNING'], patch: { generation: 2 } }),
        );

        expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
        expect(await world.eventTypes()).not.toContain('agent_error');
        expect(end).toStrictEqual({ kind: 'lease_lost' });
      });

      test('tells what happens as long as the task is its own', async () => {
        const [world] = await stoppedAfter(async () => undefined);

        expect((await world.eventTypes()).slice(-3)).toStrictEqual(['agent_tool_result', 'work_saved', 'agent_error']);
        expect(world.calls.filter((call) => call === 'tasks.renewLease')).toHaveLength(3);
      });

      test('tells nothing when the store does not say whose the task is, and still reports', async () => {
        const [world, end] = await stoppedAfter(async (ended) => {
          ended.before('tasks.renewLease', () => new Promise(() => undefined));
          ended.before('workspace.saveWork', () => ended.clock.advance(3_000));
        });

        expect(await world.eventTypes()).not.toContain('agent_error');
        expect(JSON.stringify(await world.log())).not.toContain('killed');
        expect(world.filesAt(wipRef)).toHaveProperty(['late.ts']);
        expect(end).toMatchObject({ kind: 'reported', result: { failure: { code: 'AGENT_TERMINATED' } } });
        expect(world.clock.nowMs() - testEpochMs).toBeLessThanOrEqual(10_000);
      });
    });

    test('leaves an agent behind that does not end, within 10 s in all', async () => {
      const sigterm = new AbortController();
      const agent = { modelLabel: 'deaf', run: () => new Promise<AgentOutcome>(() => undefined) };
      const world = await World.create({ agent });
      world.before('workspace.saveWork', () => new Promise(() => undefined));
      const running = runSession(world.deps(), session, { signal: sigterm.signal });
      await drained();

      const startMs = world.clock.nowMs();
      sigterm.abort(terminated);
      const end = await world.settle(running);

      expect(end).toMatchObject({ result: { failure: { code: 'AGENT_TERMINATED' } } });
      expect(end).toMatchObject({ result: { failure: { message: expect.stringContaining('could not be saved') } } });
      expect(world.clock.nowMs() - startMs).toBeLessThanOrEqual(10_000);
    });

    test('does not wait for a store that is away longer than the time it has', async () => {
      const sigterm = new AbortController();
      const world = await editingWorld([
        {
          kind: 'act',
          run: () => {
            world.before('tasks.amend', () => new Promise(() => undefined));
            world.before('events.append', () => new Promise(() => undefined));
            sigterm.abort(terminated);
          },
        },
        { kind: 'waitForAbort' },
      ]);

      const end = await world.run({ signal: sigterm.signal });

      expect(end.kind).toBe('unreported');
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
      expect(world.clock.nowMs() - testEpochMs).toBeLessThanOrEqual(10_000);
    });

    test('reports it even when it was told before it had its lease', async () => {
      const sigterm = new AbortController();
      const world = await World.create();
      sigterm.abort(terminated);

      const end = await world.run({ signal: sigterm.signal });

      expect(end).toMatchObject({ result: { failure: { code: 'AGENT_TERMINATED' } } });
      expect(world.calls).not.toContain('agent.run');
    });

    test('stops a delivery, with the work saved', async () => {
      const sigterm = new AbortController();
      const world = await editingWorld();
      world.before('workspace.push', () => sigterm.abort(terminated));

      const end = await world.run({ signal: sigterm.signal });

      expect(end).toMatchObject({ result: { outcome: 'cancelled', failure: { code: 'AGENT_TERMINATED' } } });
      expect(world.repository.refs.has(`refs/heads/${branch}`)).toBe(false);
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
    });

    test('keeps the code of another reason', async () => {
      const crash = new AbortController();
      const error = new AbcaError('INTERNAL_ERROR', 'uncaught: boom');
      const world = await editingWorld([{ kind: 'act', run: () => crash.abort(error) }, { kind: 'waitForAbort' }]);

      const end = await world.run({ signal: crash.signal });

      expect(end).toMatchObject({ result: { outcome: 'failed', failure: { code: 'INTERNAL_ERROR' } } });
      expect(exitCodeOf(end)).toBe(0);
    });
  });

  describe('when the task is not its own any more', () => {
    test('does nothing when the lease is lost from the start', async () => {
      const world = await World.create({ task: { status: 'CANCELLED', generation: 1, sessionId: session.sessionId } });

      const end = await world.run();

      expect(end).toStrictEqual({ kind: 'lease_lost' });
      expect(world.calls).toStrictEqual(['tasks.renewLease']);
      expect(exitCodeOf(end)).toBe(3);
    });

    test('sees a cancel between two turns, saves the work and writes no result', async () => {
      const world = await editingWorld([say('not reached')]);
      world.before('tasks.renewLease', (nth) => (nth === 2 ? world.cancel() : undefined));

      const end = await world.run();

      expect(end).toStrictEqual({ kind: 'lease_lost' });
      expect(await world.row()).toMatchObject({ status: 'CANCELLED' });
      expect(await world.row()).not.toHaveProperty('result');
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
      expect(world.signals.completed.size).toBe(0);
    });

    test('sees a cancel at a heartbeat, in the middle of a turn', async () => {
      const world = await editingWorld([
        {
          kind: 'act',
          run: async () => {
            await world.cancel();
          },
        },
        { kind: 'waitForAbort' },
      ]);

      const end = await world.run({ maxMs: session.heartbeatMs + 5_000 });

      expect(end).toStrictEqual({ kind: 'lease_lost' });
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
    });

    test('adds no event of a failure to the log of a task that was cancelled meanwhile', async () => {
      const world = await World.create();
      world.before('workspace.checkout', async () => {
        await world.cancel();
        throw new AbcaError('NOT_A_REPOSITORY', 'not a git repository');
      });

      const end = await world.run();

      expect(end).toStrictEqual({ kind: 'lease_lost' });
      expect(await world.eventTypes()).toStrictEqual(['task_cancelled']);
    });

    test('adds no event to the log once it knows that the task has ended', async () => {
      const world = await editingWorld([edit(() => world, 'more.ts')]);
      world.before('tasks.renewLease', (nth) => (nth === 3 ? world.cancel() : undefined));

      await world.run();

      expect(world.filesAt(wipRef)).toHaveProperty(['more.ts']);
      const types = await world.eventTypes();
      expect(types.filter((type) => type === 'work_saved')).toHaveLength(1);
      expect(types).not.toContain('agent_error');
    });

    test('leaves the saved work alone when another session has taken over', async () => {
      const world = await editingWorld([say('not reached')]);
      world.before('tasks.renewLease', async (nth) => {
        if (nth !== 2) return;
        await world.tasks.amend({ taskId: session.taskId, atMs: 0, whileIn: ['RUNNING'], patch: { generation: 2 } });
      });

      const end = await world.run();

      expect(end).toStrictEqual({ kind: 'lease_lost' });
      expect(world.calls).not.toContain('workspace.saveWork');
    });

    test('does not overwrite what somebody else decided while it delivered', async () => {
      const world = await editingWorld();
      world.before('tasks.amend', () => world.cancel());

      const end = await world.run();

      expect(end).toStrictEqual({ kind: 'lease_lost' });
      expect(await world.row()).not.toHaveProperty('result');
    });

    test('repeats only the callback when its result is on the row already', async () => {
      const result = { outcome: 'finished', turns: 1, costUsd: 0, inputTokens: 0, outputTokens: 0 } as const;
      const world = await World.create({ task: { result } });

      const end = await world.run();

      expect(end).toStrictEqual({ kind: 'reported', result });
      expect(world.calls).toStrictEqual(['tasks.renewLease', 'signals.complete']);
    });
  });

  describe('when the store is away', () => {
    test('gives up at the start after one lease', async () => {
      const world = await World.create();
      world.before('tasks.renewLease', () => {
        throw away;
      });

      const end = await world.run();

      expect(end).toStrictEqual({ kind: 'unreported', why: 'the store does not answer' });
      expect(world.clock.nowMs() - testEpochMs).toBeLessThanOrEqual(session.leaseMs + 250);
      expect(exitCodeOf(end)).toBe(4);
    });

    test('starts when it comes back within the lease', async () => {
      const world = await editingWorld();
      world.before('tasks.renewLease', (nth) => {
        if (nth < 4) throw away;
      });

      expect(await world.run()).toMatchObject({ result: { outcome: 'finished' } });
    });

    test('outlives the store by one lease, saves its work and ends', async () => {
      const world = await editingWorld([{ kind: 'waitForAbort' }]);
      world.before('tasks.renewLease', (nth) => {
        if (nth > 2) throw away;
      });
      world.before('tasks.amend', () => {
        throw away;
      });

      const end = await world.run();

      expect(end.kind).toBe('unreported');
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
      const livedMs = world.clock.nowMs() - testEpochMs;
      expect(livedMs).toBeGreaterThanOrEqual(session.leaseMs);
      expect(livedMs).toBeLessThanOrEqual(session.leaseMs + 1_000);
    });

    test('says why on the row when the store is back by then', async () => {
      const world = await editingWorld([{ kind: 'waitForAbort' }]);
      world.before('tasks.renewLease', (nth) => {
        if (nth > 2) throw away;
      });

      const end = await world.run();

      expect(end).toMatchObject({ result: { outcome: 'failed', failure: { code: 'AGENT_LEASE_LOST' } } });
    });

    test('goes on when a renewal gets through again before the lease ends', async () => {
      const release = new AbortController();
      const world = await editingWorld([
        { kind: 'act', run: () => new Promise((resolve) => release.signal.addEventListener('abort', () => resolve())) },
        say('done'),
      ]);
      world.before('tasks.renewLease', (nth) => {
        if (nth > 2 && nth < 12) throw away;
      });
      const running = runSession(world.deps(), session);
      await drained();

      await world.clock.advance(3 * session.leaseMs);
      release.abort();
      const end = await world.settle(running);

      expect(end).toMatchObject({ result: { outcome: 'finished', prNumber: 1 } });
    });

    test('keeps trying to write the result for as long as the lease holds', async () => {
      const world = await editingWorld();
      world.before('tasks.amend', (nth) => {
        if (nth < 10) throw away;
      });

      const end = await world.run();

      expect(end).toMatchObject({ kind: 'reported', result: { outcome: 'finished' } });
      expect(world.signals.completed.get('callback-1')).toStrictEqual({ outcome: 'finished' });
    });

    test('gives the report up when the lease has run out', async () => {
      const world = await editingWorld();
      world.before('tasks.amend', () => {
        world.before('tasks.renewLease', () => {
          throw away;
        });
        throw away;
      });

      const end = await world.run();

      expect(end).toStrictEqual({ kind: 'unreported', why: 'the store does not answer' });
      expect(world.signals.completed.size).toBe(0);
      expect(world.repository.pulls).toHaveLength(1);
    });

    test('does not repeat a report that the store refuses for good', async () => {
      const world = await editingWorld();
      world.before('tasks.amend', () => {
        throw new AbcaError('STORE_ERROR', 'access denied');
      });

      expect(await world.run()).toStrictEqual({ kind: 'unreported', why: 'access denied' });
      expect(world.calls.filter((call) => call === 'tasks.amend')).toHaveLength(1);
    });

    test('works on without events', async () => {
      const world = await editingWorld();
      world.before('events.append', () => {
        throw away;
      });

      expect(await world.run()).toMatchObject({ result: { outcome: 'finished' } });
      expect(world.calls.filter((call) => call === 'events.append')).toHaveLength(3);
    });

    test('reads the context again', async () => {
      const world = await editingWorld();
      world.before('contexts.find', (nth) => {
        if (nth < 3) throw away;
      });

      expect(await world.run()).toMatchObject({ result: { outcome: 'finished' } });
    });
  });

  describe('heartbeats', () => {
    test('go to the callback that is on the row, also when it was replaced', async () => {
      const release = new AbortController();
      const world = await editingWorld([
        { kind: 'act', run: () => new Promise((resolve) => release.signal.addEventListener('abort', () => resolve())) },
      ]);
      const running = runSession(world.deps(), session);
      await drained();

      await world.clock.advance(2 * session.heartbeatMs);
      await world.tasks.amend({
        taskId: session.taskId,
        atMs: 0,
        whileIn: ['RUNNING'],
        patch: { sessionCallbackId: 'callback-2' },
      });
      await world.clock.advance(session.heartbeatMs);
      release.abort();
      await world.settle(running);

      expect(world.signals.heartbeats).toStrictEqual(['callback-1', 'callback-1', 'callback-2']);
      expect([...world.signals.completed.keys()]).toStrictEqual(['callback-2']);
    });

    test('renew the lease on the row', async () => {
      const release = new AbortController();
      const world = await World.create({
        steps: [
          {
            kind: 'act',
            run: () => new Promise((resolve) => release.signal.addEventListener('abort', () => resolve())),
          },
        ],
      });
      const running = runSession(world.deps(), session);
      await drained();

      await world.clock.advance(3 * session.heartbeatMs);

      expect((await world.row()).leaseExpiresAt).toBe(
        formatIso(testEpochMs + 3 * session.heartbeatMs + session.leaseMs),
      );
      release.abort();
      await world.settle(running);
    });

    test('that fail or find nobody do not end the session', async () => {
      const release = new AbortController();
      const world = await World.create({
        steps: [
          {
            kind: 'act',
            run: () => new Promise((resolve) => release.signal.addEventListener('abort', () => resolve())),
          },
        ],
      });
      world.before('signals.heartbeat', (nth) => {
        if (nth === 1) throw away;
        world.signals.completed.set('callback-1', 'timed out');
      });
      const running = runSession(world.deps(), session);
      await drained();

      await world.clock.advance(5 * session.heartbeatMs);
      release.abort();

      expect(await world.settle(running)).toMatchObject({ kind: 'reported' });
    });

    test('under way at the end do not change how the session ended', async () => {
      const release = new AbortController();
      const world = await editingWorld([
        { kind: 'act', run: () => new Promise((resolve) => release.signal.addEventListener('abort', () => resolve())) },
      ]);
      const deps = world.deps();
      let renewals = 0;
      const tasks: TaskRepository = Object.assign(Object.create(deps.tasks) as TaskRepository, {
        renewLease: (renewal: LeaseRenewal, { signal }: CallOptions = {}): Promise<LeaseResult> => {
          renewals += 1;
          if (renewals < 3) return deps.tasks.renewLease(renewal);
          return new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason as Error));
          });
        },
      });
      const running = runSession({ ...deps, tasks }, session);
      await drained();
      await world.clock.advance(session.heartbeatMs);

      release.abort();
      const end = await world.settle(running, 1_000);

      expect(renewals).toBe(3);
      expect(end).toMatchObject({ kind: 'reported', result: { outcome: 'finished' } });
      expect(world.logger.lines.map(({ message }) => message)).not.toContain('lease not renewed');
    });

    test('stop with the session', async () => {
      const world = await editingWorld();

      await world.run();

      expect(world.clock.sleeping).toBe(0);
    });
  });

  describe('when something fails', () => {
    test('ends the task at once when the policies cannot be loaded', async () => {
      const world = await World.create();
      world.before('policies.load', () => {
        throw new AbcaError('POLICY_INVALID', 'rule rm_slash does not parse');
      });

      const end = await world.run();

      expect(end).toMatchObject({
        result: { outcome: 'failed', failure: { code: 'POLICY_INVALID', message: 'rule rm_slash does not parse' } },
      });
      expect(world.calls).not.toContain('workspace.checkout');
      expect(world.signals.completed.has('callback-1')).toBe(true);
      expect(await world.eventsOf('agent_error')).toStrictEqual([
        { error_type: 'POLICY_INVALID', message_preview: 'rule rm_slash does not parse' },
      ]);
    });

    test('says so when the row holds no settings', async () => {
      const world = await World.create({ task: { settings: undefined } as never });

      expect(await world.run()).toMatchObject({ result: { failure: { code: 'STORE_CORRUPT' } } });
    });

    test('reports a repository that cannot be cloned', async () => {
      const world = await World.create();
      world.before('workspace.checkout', () => {
        throw new AbcaError('NOT_A_REPOSITORY', 'not a git repository: /repos/shop.git');
      });

      expect(await world.run()).toMatchObject({ result: { outcome: 'failed', failure: { code: 'NOT_A_REPOSITORY' } } });
      expect(world.calls.filter((call) => call === 'workspace.checkout')).toHaveLength(1);
    });

    test('clones again, in a new folder, when the remote did not answer', async () => {
      const agent = new FakeCodingAgent([say('done')]);
      const world = await World.create({ agent });
      world.before('workspace.checkout', (nth) => {
        if (nth === 1) throw new AbcaError('WORKSPACE_ERROR', 'no route', { retryable: true });
      });

      expect(await world.run()).toMatchObject({ result: { outcome: 'finished' } });
      expect(agent.runs[0]?.workspaceDir).toBe('/sessions/s/repo-2');
    });

    test('keeps the work of a push that a hook refused, and says what the remote said', async () => {
      const world = await editingWorld();
      world.repository.refusal = 'pre-receive hook declined: no Friday pushes';

      const end = await world.run();

      expect(end).toMatchObject({
        result: {
          outcome: 'failed',
          failure: { code: 'PUSH_REJECTED', message: expect.stringContaining('no Friday pushes') },
        },
      });
      expect(end).not.toHaveProperty('result.headSha');
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
    });

    test('pushes again when the remote did not answer', async () => {
      const world = await editingWorld();
      world.before('workspace.push', (nth) => {
        if (nth < 3) throw new AbcaError('WORKSPACE_ERROR', 'no route', { retryable: true });
      });

      expect(await world.run()).toMatchObject({ result: { outcome: 'finished', prNumber: 1 } });
    });

    test('reports a push that never gets through, with the work saved', async () => {
      const world = await editingWorld();
      world.before('workspace.push', () => {
        throw new AbcaError('WORKSPACE_ERROR', 'no route', { retryable: true });
      });

      expect(await world.run()).toMatchObject({ result: { outcome: 'failed', failure: { code: 'WORKSPACE_ERROR' } } });
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
    });

    test('reports the commit of a branch whose pull request was not opened', async () => {
      const world = await editingWorld();
      world.before('forge.ensurePullRequest', () => {
        throw away;
      });

      const end = await world.run();

      expect(end).toMatchObject({
        result: {
          outcome: 'failed',
          headSha: world.repository.refs.get(`refs/heads/${branch}`),
          failure: { code: 'SERVICE_UNAVAILABLE' },
        },
      });
    });

    test.each(['MODEL_UNAVAILABLE', 'AGENT_FAILED'] as const)('reports a run that failed with %s', async (code) => {
      const world = await editingWorld([
        { kind: 'end', outcome: { kind: 'failed', code, message: '529 for an hour' } },
      ]);

      const end = await world.run();

      expect(end).toMatchObject({ result: { outcome: 'failed', failure: { code, message: '529 for an hour' } } });
      expect(world.filesAt(wipRef)).toStrictEqual(wipFiles);
      expect(world.repository.refs.has(`refs/heads/${branch}`)).toBe(false);
    });

    test('reports an agent that breaks its promise and rejects', async () => {
      const agent = { modelLabel: 'broken', run: () => Promise.reject(new Error('boom')) };
      const world = await World.create({ agent });

      expect(await world.run()).toMatchObject({ result: { outcome: 'failed', failure: { code: 'INTERNAL_ERROR' } } });
    });

    test('reports an agent that stops although nobody asked it to', async () => {
      const world = await World.create({ steps: [{ kind: 'end', outcome: { kind: 'stopped', reason: 'tired' } }] });

      expect(await world.run()).toMatchObject({
        result: { failure: { code: 'AGENT_FAILED', message: expect.stringContaining('tired') } },
      });
    });

    test('ends the run when the disk is full', async () => {
      const world = await editingWorld([say('not reached')]);
      world.before('workspace.saveWork', () => {
        throw new AbcaError('WORKSPACE_DISK_FULL', 'no space left on device');
      });

      const end = await world.run();

      expect(end).toMatchObject({ result: { outcome: 'failed', failure: { code: 'WORKSPACE_DISK_FULL' }, turns: 1 } });
    });

    test('goes on when the work cannot be saved for once', async () => {
      const world = await editingWorld([edit(() => world, 'second.ts'), say('done')]);
      world.before('workspace.saveWork', (nth) => {
        if (nth === 1) throw new AbcaError('WORKSPACE_ERROR', 'no route', { retryable: true });
      });

      expect(await world.run()).toMatchObject({ result: { outcome: 'finished' } });
      expect(await world.eventTypes()).toContain('work_saved');
    });

    test('still reports when the callback cannot be completed', async () => {
      const world = await editingWorld();
      world.before('signals.complete', () => {
        throw away;
      });

      expect(await world.run()).toMatchObject({ kind: 'reported', result: { outcome: 'finished' } });
    });

    test('completes the callback when it is accepted later', async () => {
      const world = await editingWorld();
      world.before('signals.complete', (nth) => {
        if (nth < 4) throw away;
      });

      await world.run();

      expect(world.signals.completed.has('callback-1')).toBe(true);
    });
  });
});
