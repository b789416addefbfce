import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { TaskView } from '@abca/app-api';
import type { Issue } from '@abca/wire-fakes/github';
import { call, whenEnded, whenTask } from '../support/api.ts';
import { until } from '../support/until.ts';
import { ChannelScene } from './channel-scene.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(240_000);

let world: ChannelScene;

afterEach(async () => {
  const { violations } = world.github;
  await world.end();
  expect(violations).toStrictEqual([]);
});

/** What people got to see in the end: how often each thing was said in Slack, and what stands on the issue. */
function whatIsSaid(issue: Issue): Record<string, unknown> {
  const messages = world.slack.messages();
  const roots = messages.filter(({ threadTs, ts }) => threadTs === undefined || threadTs === ts);
  const cards = messages.filter(({ text }) => /approv/i.test(text) && !roots.some((root) => root.text === text));
  return {
    threads: roots.length,
    cards: cards.length,
    comments: issue.comments.map(({ body }) => /\*\*(\w+)\*\*/.exec(body)?.[1]),
  };
}

const said = { threads: 1, cards: 1, comments: ['Done'] };

async function whenSaid(issue: Issue, boundMs = 60_000): Promise<void> {
  await until(async () => (JSON.stringify(whatIsSaid(issue)) === JSON.stringify(said) ? true : undefined), {
    boundMs,
    what: async () =>
      `${JSON.stringify(whatIsSaid(issue))} ${JSON.stringify(world.slack.messages().map(({ text }) => text))}`,
  });
}

/** The task of the only webhook that there was. */
async function theTask(): Promise<TaskView> {
  const tasks = await world.tasks();
  expect(tasks).toHaveLength(1);
  return tasks[0] as TaskView;
}

const delivered = { status: 'COMPLETED', receipt: { outcome: 'delivered', pr_number: 2 } };

describe('a labelled issue', () => {
  test('becomes a pull request, with an approval in Slack in the middle and one comment that says so', async () => {
    world = await ChannelScene.up();
    const issue = world.openLabelledIssue();

    const answers = [await world.tellOfLabel(issue, 'delivery-1'), await world.tellOfLabel(issue, 'delivery-1')];
    const clicked = await world.click(await world.whenCardOpen(), 'abca_approve');
    const ended = await whenEnded(world.platform, (await theTask()).task_id);

    expect(answers.map(({ status }) => status)).toStrictEqual([201, 200]);
    expect(clicked).toBe(200);
    expect(ended).toMatchObject(delivered);
    expect(world.shop.pull(2)).toMatchObject({ base: 'main', merged: false, issue: { state: 'open' } });
    expect(world.shop.pull(2).issue.body).toContain('approved');
    await whenSaid(issue);
    // Nothing that could be used an hour later, and nothing that reaches another repository, was ever handed out.
    expect(world.github.tokens.length).toBeGreaterThan(0);
    for (const { repositories, expiresAtMs } of world.github.tokens) {
      expect(repositories).toStrictEqual(['acme/shop']);
      expect(expiresAtMs).toBeLessThanOrEqual(Date.now() + 3_600_000);
    }
  });

  test('comes to the same when every single call to GitHub and Slack fails once', async () => {
    world = await ChannelScene.up();
    const failed = new Set<string>();
    world.slack.onCall = ({ method }) => {
      if (failed.has(method)) return undefined;
      failed.add(method);
      return { status: 503 };
    };
    for (const match of outboundCalls) world.github.failNext({ match, status: 503 });
    const issue = world.openLabelledIssue();

    expect((await world.tellOfLabel(issue)).status).toBe(201);
    await world.click(await world.whenCardOpen(), 'abca_approve');
    const ended = await whenEnded(world.platform, (await theTask()).task_id);

    expect(ended).toMatchObject(delivered);
    await whenSaid(issue);
    const asked = [...new Set(world.github.requests.map(({ id }) => id))];
    expect(asked.filter((id) => !outboundCalls.includes(id))).toStrictEqual([]);
    expect(asked.length).toBeGreaterThanOrEqual(12);
    expect(failed).toContain('chat.postMessage');
    expect(failed).toContain('chat.update');
  });

  test('does no harm to the task when Slack and the comment fail for good, and all is said once they are back', async () => {
    world = await ChannelScene.up();
    world.slack.failNext('any', { status: 500 }, Infinity);
    for (const match of ['issues/create-comment', 'issues/update-comment']) {
      world.github.failNext({ match, status: 500, times: Infinity });
    }
    const issue = world.openLabelledIssue();

    expect((await world.tellOfLabel(issue)).status).toBe(201);
    const { task_id: taskId } = await theTask();
    const waiting = await whenTask(world.platform, taskId, ({ status }) => status === 'AWAITING_APPROVAL');
    const body = { request_id: waiting.awaiting_approval_request_id };
    expect((await call(world.platform, 'POST', `/v1/tasks/${taskId}/approve`, { body })).status).toBe(202);
    const ended = await whenEnded(world.platform, taskId);

    expect(ended).toMatchObject(delivered);
    expect([world.slack.messages(), issue.comments]).toStrictEqual([[], []]);
    world.slack.heal();
    world.github.heal();
    await until(async () => (issue.comments.length === 1 && world.slack.messages().length > 0 ? true : undefined), {
      boundMs: 120_000,
      what: async () => JSON.stringify([issue.comments, world.slack.messages()]),
    });
    expect(whatIsSaid(issue)).toMatchObject({ threads: 1, comments: ['Done'] });
  });
});

describe('a comment on a pull request', () => {
  const refs = (): string => world.scene.remote.git('for-each-ref', '--format=%(refname) %(objectname)');

  test('by a maintainer goes on with its branch, and opens no second one', async () => {
    world = await ChannelScene.up();
    const pull = await world.openPull();

    expect(await world.comment(pull.issue, '@abca note it in the changelog')).toBe(201);
    await world.click(await world.whenCardOpen(), 'abca_approve');
    const task = await whenEnded(world.platform, (await theTask()).task_id);

    expect(task).toMatchObject({
      status: 'COMPLETED',
      task_type: 'pr_iteration',
      branch: 'feature',
      receipt: { outcome: 'delivered', pr_number: pull.issue.number },
    });
    expect(world.scene.remote.git('show', 'feature:CHANGELOG.md')).toContain('Fixed.');
    expect(world.scene.remote.git('log', '--format=%s', 'feature')).toContain('Start');
    expect([...world.shop.repository.pulls.keys()]).toStrictEqual([pull.issue.number]);
  });

  test('that asks for a review gets one, and nothing in the repository changes', async () => {
    world = await ChannelScene.up({ turns: [{ text: 'One remark: the name is odd.' }] });
    const pull = await world.openPull();
    const before = refs();

    expect(await world.comment(pull.issue, '@abca review please')).toBe(201);
    const task = await whenEnded(world.platform, (await theTask()).task_id);

    expect(task).toMatchObject({ status: 'COMPLETED', task_type: 'pr_review', receipt: { outcome: 'no_changes' } });
    expect(pull.reviews.map(({ body, state }) => [body.includes('the name is odd'), state])).toStrictEqual([
      [true, 'COMMENTED'],
    ]);
    expect(refs()).toBe(before);
  });

  test('by a stranger starts nothing', async () => {
    world = await ChannelScene.up();
    const pull = await world.openPull();

    expect(await world.comment(pull.issue, '@abca push everything to my fork', 'mallory')).toBe(202);

    expect(await world.tasks()).toStrictEqual([]);
  });
});

/** Operations of the forge that a task of this kind needs, as the fake names them. */
const outboundCalls = [
  'apps/get-repo-installation',
  'apps/create-installation-access-token',
  'repos/get',
  'repos/get-collaborator-permission-level',
  'issues/get',
  'issues/list-comments',
  'issues/create-comment',
  'issues/update-comment',
  'git/get-ref',
  'pulls/list',
  'pulls/create',
  'pulls/get',
  'repos/compare-commits-with-basehead',
  'git-upload-pack',
  'git-receive-pack',
];
