import {
  formatIso,
  type ChannelMemory,
  type DeliveryOutcome,
  type Milestone,
  type Notification,
  type RepoId,
  type Task,
  type TaskEvent,
} from '@abca/core';
import { aTask, aTaskId, testEpochMs } from '@abca/core/testing';
import { appPermissions } from '@abca/wire-fakes/github';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { markerOf } from '../forge/markers.ts';
import { asPerson, createGitHubWorld, endWorlds, violations, type GitHubWorld } from '../github-world.test-kit.ts';
import { GitHubNotifier } from './github-notifier.ts';

let world: GitHubWorld;
let issue: number;

beforeEach(async () => {
  world = await createGitHubWorld();
  issue = world.shop.openIssue({ title: 'The sum is wrong' }).number;
});
afterEach(() => {
  expect(violations()).toStrictEqual([]);
});
afterAll(endWorlds);

const marker = markerOf('status', aTaskId());

function aTaskOn(fields: Partial<Task> = {}): Task {
  const settings: NonNullable<Task['settings']> = {
    computeType: 'local',
    compute: {},
    cloneUrl: world.repo.cloneUrl,
    forge: 'github',
    protectedBranches: [],
    maxTurns: 10,
    maxBudgetUsd: 1,
    approvalGateCap: 50,
    approvalTimeoutS: 300,
  };
  return aTask({ status: 'COMPLETED', issueNumber: issue, settings, ...fields });
}

function told(
  fields: Partial<Notification> & { readonly seq?: number; readonly metadata?: TaskEvent['metadata'] } = {},
): Notification {
  const { seq = 5, metadata = {}, ...more } = fields;
  const task = fields.task ?? aTaskOn();
  const event: TaskEvent = {
    taskId: task.taskId,
    seq,
    eventId: 'e',
    eventType: 'task_completed',
    timestamp: formatIso(testEpochMs),
    metadata,
    userId: task.userId,
    repo: task.repo,
  };
  return { event, task, settings: {}, memory: {}, uncertain: false, ...more };
}

const bodies = (): string[] => world.shop.issue(issue).comments.map(({ body }) => body);

function memoryOf(outcome: DeliveryOutcome): ChannelMemory {
  return outcome.memory ?? {};
}

describe('GitHubNotifier', () => {
  describe('deliver()', () => {
    test('makes one comment for a task and edits it from then on', async () => {
      const running = aTaskOn({ status: 'RUNNING' });
      const metadata = {
        milestone: 'pr_created' satisfies Milestone,
        pr_url: `${world.github.url}/acme/shop/pull/7`,
        number: 7,
      };

      const first = await world.notifier.deliver(told({ task: running, seq: 5, metadata }));
      const second = await world.notifier.deliver(told({ seq: 9, memory: memoryOf(first) }));

      expect(second).toStrictEqual({
        kind: 'delivered',
        memory: { commentId: world.shop.issue(issue).comments[0]?.id, seq: 9 },
      });
      expect(bodies()).toStrictEqual([expect.stringContaining('✅ **Done**')]);
      expect(bodies()[0]?.startsWith(marker)).toBe(true);
      expect(world.github.count('issues/update-comment')).toBe(1);
    });

    test('says it on the pull request where the task came from none but that', async () => {
      await world.git.commit('refs/heads/fix', { 'b.txt': 'b\n' });
      const pull = await world.shop.openPull({ title: 'Fix', head: 'fix' });
      const { issueNumber: _, ...task } = aTaskOn({ prNumber: pull.issue.number });

      await world.notifier.deliver(told({ task }));

      expect(pull.issue.comments.map(({ author }) => author.login)).toStrictEqual(['abca[bot]']);
    });

    test.each([
      [
        'the task came from nowhere',
        (): Notification => told({ task: (({ issueNumber: _, ...task }) => task)(aTaskOn()) }),
      ],
      ['its owner wants none', () => told({ settings: { github: { comment: false } } })],
      [
        'the repository is elsewhere',
        () =>
          told({ task: aTaskOn({ settings: { ...aTaskOn().settings!, forge: 'git', cloneUrl: '/repos/shop.git' } }) }),
      ],
    ])('is skipped where %s', async (_, notification) => {
      expect(await world.notifier.deliver(notification())).toMatchObject({ kind: 'skipped' });
      expect(world.github.requests).toStrictEqual([]);
    });

    test('is made for a task that ended before its settings were known', async () => {
      const { settings: _, ...task } = aTaskOn({ status: 'FAILED' });

      expect(await world.notifier.deliver(told({ task }))).toMatchObject({ kind: 'delivered' });
    });

    test('never goes back to an older event', async () => {
      const first = await world.notifier.deliver(told({ seq: 9 }));
      const requests = world.github.requests.length;

      const late = await world.notifier.deliver(
        told({ seq: 5, memory: memoryOf(first), task: aTaskOn({ status: 'RUNNING' }) }),
      );

      expect(late).toMatchObject({ kind: 'skipped' });
      expect(world.github.requests).toHaveLength(requests);
    });

    test('makes a new one when somebody removed it', async () => {
      const first = await world.notifier.deliver(told());
      world.shop.removeComment(issue, Number(memoryOf(first)['commentId']));

      const second = await world.notifier.deliver(told({ seq: 6, memory: memoryOf(first) }));

      expect(second.kind).toBe('delivered');
      expect(bodies()).toHaveLength(1);
      expect(memoryOf(second)['commentId']).not.toBe(memoryOf(first)['commentId']);
    });

    test.each([{ reset: true }, { status: 502 }])(
      'finds the comment whose answer was lost (%j) and makes no second one',
      async (failure) => {
        world.github.failNext({ match: 'issues/create-comment', accepted: true, ...failure });

        const lost = await world.notifier.deliver(told());
        const again = await world.notifier.deliver(told({ uncertain: true, memory: memoryOf(lost) }));

        expect(lost).toStrictEqual({ kind: 'retry', code: 'SERVICE_UNAVAILABLE', message: expect.any(String) });
        expect(again.kind).toBe('delivered');
        expect(bodies()).toHaveLength(1);
        expect(world.github.count('issues/create-comment')).toBe(1);
      },
    );

    test('finds it behind hundreds of comments', async () => {
      const lost = await world.notifier.deliver(told());
      const own = world.shop.issue(issue).comments.splice(0, 1);
      for (let count = 0; count < 250; count += 1) world.shop.comment(issue, { body: `me too ${String(count)}` });
      world.shop.issue(issue).comments.push(...own);

      const again = await world.notifier.deliver(told({ seq: 6 }));

      expect(memoryOf(again)['commentId']).toBe(memoryOf(lost)['commentId']);
    });

    test.each(['mallory', 'other[bot]'])(
      'takes no comment of %s for its own, whatever mark it bears',
      async (author) => {
        world.shop.comment(issue, { author, body: `${marker}\n✅ **Done** · all is well` });

        await world.notifier.deliver(told());

        expect(world.shop.issue(issue).comments.map((comment) => comment.author.login)).toStrictEqual([
          author,
          'abca[bot]',
        ]);
        expect(bodies()[0]).toContain('all is well');
      },
    );

    test('asks for a fresh token once when GitHub refuses the one it has', async () => {
      const first = await world.notifier.deliver(told());
      for (const token of world.github.tokens) token.revoked = true;

      const second = await world.notifier.deliver(told({ seq: 6, memory: memoryOf(first) }));

      expect(second.kind).toBe('delivered');
      expect(world.github.tokens).toHaveLength(2);
    });

    test('is refused when GitHub refuses fresh tokens too', async () => {
      world.github.failNext({
        match: /issues\/comments|\/comments/,
        status: 401,
        message: 'Bad credentials',
        times: Infinity,
      });

      expect(await world.notifier.deliver(told())).toMatchObject({ kind: 'refused', code: 'FORGE_ACCESS_DENIED' });
      expect(world.github.count('issues/list-comments')).toBe(2);
    });

    test.each([
      [{ limit: 'secondary', retryAfterS: 90 }, 90_000],
      [{ limit: 'secondary', retryAfterS: 90, status: 429 }, 90_000],
      [{ limit: 'primary', retryAfterS: 1800 }, 1_800_000],
      [{ status: 429, headers: { 'retry-after': '30' } }, 30_000],
    ] as const)('waits as long as GitHub asks: %j', async (failure, retryAfterMs) => {
      world.github.failNext({ match: 'issues/create-comment', ...failure });

      expect(await world.notifier.deliver(told())).toStrictEqual({
        kind: 'retry',
        code: 'SERVICE_UNAVAILABLE',
        message: expect.any(String),
        retryAfterMs,
        accepted: false,
      });
      expect(bodies()).toStrictEqual([]);
    });

    test('waits for a permission that is missing', async () => {
      world.github.app.installations[0]!.permissions = { ...appPermissions, issues: 'read' };

      expect(await world.notifier.deliver(told())).toStrictEqual({
        kind: 'retry',
        code: 'FORGE_ACCESS_DENIED',
        message: "the app may not write issues in acme/shop: grant 'Issues: Read and write' to it",
        accepted: false,
      });
    });

    test.each([404, 410, 422])('is refused for good with %d', async (status) => {
      world.github.failNext({ match: 'issues/create-comment', status, message: 'no' });

      expect(await world.notifier.deliver(told())).toMatchObject({ kind: 'refused' });
    });

    const calls = [
      'apps/get-repo-installation',
      'apps/create-installation-access-token',
      'apps/get-authenticated',
      'issues/list-comments',
      'issues/create-comment',
      'issues/update-comment',
    ];
    const failures = [
      { status: 500 },
      { status: 503 },
      { reset: true },
      { limit: 'secondary' },
      { limit: 'primary' },
    ] as const;
    const cases = calls.flatMap((match) =>
      failures.flatMap((failure) => [false, true].map((accepted) => ({ match, ...failure, accepted }))),
    );

    test.each(cases)('tells both events once whatever fails once: %j', async (failure) => {
      // So that the bot's name has to be asked for, as when the comment is searched.
      world.shop.comment(issue, { author: 'mallory', body: marker });
      world.github.failNext(failure);
      let memory: ChannelMemory = {};

      for (const seq of [5, 6]) {
        for (let attempt = 1; attempt <= 3; attempt += 1) {
          const outcome = await world.notifier.deliver(told({ seq, memory, uncertain: attempt > 1 }));
          memory = outcome.memory ?? memory;
          if (outcome.kind === 'delivered') break;
          expect(outcome.kind).toBe('retry');
        }
      }

      expect(bodies()).toHaveLength(2);
      expect(memory).toMatchObject({ seq: 6 });
    });

    test.each(calls.filter((match) => match !== 'issues/update-comment'))(
      'is to be tried again, and makes nothing, while %s fails for good',
      async (match) => {
        world.shop.comment(issue, { author: 'mallory', body: marker });
        world.github.failNext({ match, status: 500, times: Infinity });

        expect(await world.notifier.deliver(told())).toMatchObject({ kind: 'retry', code: 'SERVICE_UNAVAILABLE' });
        expect(bodies()).toHaveLength(1);
      },
    );

    test.each(['apps/get-repo-installation', 'issues/update-comment'])(
      'makes no second comment while %s fails for good, and edits the one once it does not',
      async (match) => {
        const first = await world.notifier.deliver(told());
        for (const token of world.github.tokens) token.revoked = true;
        world.github.failNext({ match, status: 503, times: Infinity });
        const later = told({ seq: 6, memory: memoryOf(first), task: aTaskOn({ status: 'FAILED' }) });

        for (let attempt = 1; attempt <= 3; attempt += 1) {
          expect(await world.notifier.deliver({ ...later, uncertain: attempt > 1 })).toMatchObject({ kind: 'retry' });
        }
        world.github.heal();

        expect(await world.notifier.deliver({ ...later, uncertain: true })).toMatchObject({ kind: 'delivered' });
        expect(bodies()).toStrictEqual([expect.stringContaining('❌ **Failed**')]);
      },
    );

    test('does as a person too, whose own comments are its own', async () => {
      world.github.people.set('ann', 'acme/shop', 'write');
      const { token } = world.github.addPersonalToken({ login: 'ann' });
      const notifier = new GitHubNotifier({ client: asPerson(world, token) });
      world.shop.comment(issue, { author: 'abca[bot]', body: marker });

      await notifier.deliver(told());
      await notifier.deliver(told({ seq: 6 }));

      expect(world.shop.issue(issue).comments.map(({ author }) => author.login)).toStrictEqual(['abca[bot]', 'ann']);
    });

    test('ends with the reason of its signal', async () => {
      const reason = new Error('enough');

      await expect(world.notifier.deliver(told(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    test('ends in time when GitHub does not answer', async () => {
      world.github.failNext({ match: 'issues/list-comments', reset: true, times: Infinity });
      const notifier = new GitHubNotifier({ client: world.client, tryMs: 1 });

      expect(await notifier.deliver(told())).toMatchObject({ kind: 'retry', code: 'SERVICE_UNAVAILABLE' });
    });

    test('says nothing in a repository whose address is another one', async () => {
      const task = aTaskOn({ repo: 'acme/other' as RepoId });

      expect(await world.notifier.deliver(told({ task }))).toMatchObject({ kind: 'refused', code: 'NOT_A_REPOSITORY' });
      expect(world.github.requests).toStrictEqual([]);
    });
  });
});
