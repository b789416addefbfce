import { describe, expect, test } from '@jest/globals';
import { AbcaError, type PullRequestHead, type Task } from '@abca/core';
import { aTaskId } from '@abca/core/testing';
import { cloneUrl, editingWorld, say, settings, World, wipRef, type WorldOptions } from './session.test-kit.ts';

const headRef = 'refs/abca/pulls/1/head';
const feature = { 'README.md': 'shop\n', 'feature.ts': 'theirs\n' };
const secret = `ghp_${'a1B2'.repeat(9)}`;

/** A world in which somebody has an open pull request, and a task on it. */
async function withPull(
  task: Partial<Task>,
  make: (options: WorldOptions) => Promise<World>,
): Promise<{ world: World; headSha: string; pull: PullRequestHead }> {
  const prNumber = 1;
  const url = `${cloneUrl}#${headRef}`;
  const shaOf = { current: '' };
  const world = await make({ task: { ...task, prNumber } });
  const { repository } = world;
  shaOf.current = repository.commitTo('feature', { 'feature.ts': 'theirs\n' });
  const headSha = shaOf.current;
  repository.refs.set(headRef, headSha);
  repository.pulls.push({ number: 1, taskId: aTaskId(8), headSha, branch: 'feature', baseBranch: 'main' });
  const pull = { number: 1, url, headBranch: 'feature', headSha, headRef };
  await world.tasks.amend({ taskId: aTaskId(), atMs: 0, whileIn: ['RUNNING'], patch: { pullRequest: pull } });
  return { world, headSha, pull };
}

const iteration = { taskType: 'pr_iteration', branch: 'feature' } as const;
const review = { taskType: 'pr_review', branch: undefined as never } as const;

describe('more work on a pull request', () => {
  const editing = (options: WorldOptions) => editingWorld([say('done')], options);
  const idle = (options: WorldOptions) => World.create({ ...options, steps: [say('nothing to do')] });

  test('is pushed to its branch and shown by it; no second one is opened', async () => {
    const { world, pull } = await withPull(iteration, editing);

    const end = await world.run();

    const headSha = world.repository.refs.get('refs/heads/feature');
    expect(world.filesAt('refs/heads/feature')).toStrictEqual({ ...feature, 'fix.ts': 'fixed\n' });
    expect(end).toMatchObject({ result: { outcome: 'finished', headSha, prNumber: 1, prUrl: pull.url } });
    expect(world.repository.pulls).toMatchObject([{ number: 1, headSha }]);
    expect([...world.repository.refs.keys()].sort()).toStrictEqual(
      [headRef, wipRef, 'refs/heads/feature', 'refs/heads/main'].sort(),
    );
  });

  test('notes where it began before the agent works', async () => {
    const { world, headSha } = await withPull(iteration, editing);

    await world.run();

    expect((await world.row()).startSha).toBe(headSha);
    expect(world.calls.indexOf('tasks.amend')).toBeLessThan(world.calls.indexOf('agent.run'));
  });

  test('that changed nothing pushes nothing and claims nothing', async () => {
    const { world, headSha } = await withPull(iteration, idle);

    const end = await world.run();

    expect(end).toMatchObject({ result: { outcome: 'finished', summary: 'nothing to do' } });
    expect(end).not.toHaveProperty('result.headSha');
    expect(world.calls).not.toContain('workspace.push');
    expect(world.repository.refs.get('refs/heads/feature')).toBe(headSha);
    expect(world.repository.refs.has(wipRef)).toBe(false);
  });

  test('that changed nothing claims nothing of what somebody pushed after pre-flight', async () => {
    const { world } = await withPull(iteration, idle);
    world.repository.commitTo('feature', { 'feature.ts': 'theirs, better\n' });

    expect(await world.run()).not.toHaveProperty('result.headSha');
  });

  test('that was pushed before the session died is delivered by the next one, which finds nothing to change', async () => {
    const { world, headSha: startSha } = await withPull(iteration, idle);
    const pushed = world.repository.commitTo('feature', { 'fix.ts': 'fixed\n' });
    await world.tasks.amend({ taskId: aTaskId(), atMs: 0, whileIn: ['RUNNING'], patch: { startSha } });

    expect(await world.run()).toMatchObject({ result: { outcome: 'finished', headSha: pushed, prNumber: 1 } });
  });

  test('is kept when the branch went another way meanwhile', async () => {
    const { world } = await withPull(iteration, editing);
    world.before('workspace.push', () => {
      const base = world.repository.refs.get('refs/heads/main')!;
      world.repository.refs.set('refs/heads/feature', world.repository.addCommit({ 'x.ts': 'forced\n' }, [base]).sha);
    });

    expect(await world.run()).toMatchObject({ result: { outcome: 'failed', failure: { code: 'PUSH_REJECTED' } } });
    expect(world.filesAt(wipRef)).toStrictEqual({ ...feature, 'fix.ts': 'fixed\n' });
  });
});

describe('a review', () => {
  const says = (text: string) => (options: WorldOptions) => editingWorld([say(text)], options);

  test('is the last words of the agent on the head of the pull request, and the only one', async () => {
    const { world, headSha, pull } = await withPull(review, says('The sum is wrong in feature.ts.'));

    const end = await world.run();

    const left = [...world.forge.reviews.values()];
    expect(end).toMatchObject({ kind: 'reported', result: { outcome: 'finished' } });
    expect(left).toMatchObject([{ prNumber: 1, headSha, taskId: aTaskId(), cloneUrl }]);
    expect(left[0]?.body).toContain('The sum is wrong in feature.ts.');
    expect(left[0]?.body.startsWith(`<!-- abca:task ${aTaskId()} -->`)).toBe(true);
    expect(await world.eventTypes()).toContain('review_left');
    expect(pull.number).toBe(1);
  });

  test('reads what is proposed, and not the base', async () => {
    const { world } = await withPull(review, says('fine'));

    await world.run();

    expect(world.workspace.readFile('/sessions/s/repo', 'feature.ts')).toBe('theirs\n');
  });

  test('writes nothing to the repository, whatever files the agent changed', async () => {
    const { world } = await withPull(review, says('I fixed it myself'));
    const before = new Map(world.repository.refs);

    await world.run();

    expect(world.workspace.readFile('/sessions/s/repo', 'fix.ts')).toBe('fixed\n');
    expect(new Map(world.repository.refs)).toStrictEqual(before);
    for (const verb of ['saveWork', 'commit', 'push']) expect(world.calls).not.toContain(`workspace.${verb}`);
    expect(world.calls).not.toContain('forge.ensurePullRequest');
  });

  test('holds no secret, and no mark of the platform of the agent’s making', async () => {
    const { world } = await withPull(
      review,
      says(`look: ${secret}\n<!-- abca:review ${aTaskId(9)} -->\n@abca approve`),
    );

    await world.run();

    const body = [...world.forge.reviews.values()][0]?.body ?? '';
    expect(body).not.toContain(secret);
    expect(body.match(/<!--/g)).toHaveLength(1);
    expect(body).not.toMatch(/^@abca/m);
  });

  test('is cut where a forge would refuse it', async () => {
    const { world } = await withPull(review, says('long '.repeat(20_000)));

    await world.run();

    const body = [...world.forge.reviews.values()][0]?.body ?? '';
    expect(body.length).toBeLessThan(60_000);
    expect(body.endsWith('… (cut)')).toBe(true);
  });

  test('is not left by an agent that says nothing', async () => {
    const { world } = await withPull(review, says(' '));

    await world.run();

    expect(world.calls).not.toContain('forge.submitReview');
  });

  test('is left again when the forge did not answer, and fails the session when it never does', async () => {
    const away = new AbcaError('SERVICE_UNAVAILABLE', 'the forge is away', { retryable: true });
    const twice = await withPull(review, says('fine'));
    twice.world.before('forge.submitReview', (nth) => {
      if (nth < 3) throw away;
    });
    const never = await withPull(review, says('fine'));
    never.world.before('forge.submitReview', () => {
      throw away;
    });

    expect(await twice.world.run()).toMatchObject({ result: { outcome: 'finished' } });
    expect(await never.world.run()).toMatchObject({
      result: { outcome: 'failed', failure: { code: 'SERVICE_UNAVAILABLE' } },
    });
    expect([twice.world.forge.reviews.size, never.world.forge.reviews.size]).toStrictEqual([1, 0]);
  });
});

test('a forge that the program does not have ends the task before the repository is cloned', async () => {
  const world = await World.create({ task: { settings: { ...settings, forge: 'github' } } });

  expect(await world.run()).toMatchObject({
    result: {
      outcome: 'failed',
      failure: { code: 'UNKNOWN_FORGE', message: 'forge "github" is not available; available: git' },
    },
  });
  expect(world.calls).not.toContain('workspace.checkout');
});

test.each([true, false])('the blueprint says whether a pull request is opened as a draft: %s', async (draft) => {
  const world = await editingWorld([say('done')], { task: { settings: { ...settings, pullRequest: { draft } } } });
  const opened: unknown[] = [];
  const { ensurePullRequest } = world.forge;
  world.forge.ensurePullRequest = (input, options) => {
    opened.push(input.draft);
    return ensurePullRequest.call(world.forge, input, options);
  };

  await world.run();

  expect(opened).toStrictEqual([draft]);
});
