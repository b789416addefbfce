import { describe, expect, test } from '@jest/globals';
import { AbcaError, limits, type RepoId, type UserId } from '@abca/core';
import { aTask, aTaskId } from '@abca/core/testing';
import {
  aDelivery,
  aTriggeredRepo,
  aWebhookWorld,
  commented,
  hmac,
  labelled,
  otherSecret,
  send,
} from './webhooks.test-kit.ts';

describe('POST /v1/webhooks/github', () => {
  test('a label starts a task of the user the repository names, with none of the words of the issue', async () => {
    const world = aWebhookWorld();

    const { status, json } = await send(world, aDelivery('issues', labelled()));

    expect([status, json]).toStrictEqual([201, { data: { task_id: aTaskId(1) } }]);
    expect(await world.tasks.find(aTaskId(1))).toMatchObject({
      userId: 'bob',
      repo: 'acme/shop',
      taskType: 'new_task',
      taskDescription: 'Resolve issue #12 of acme/shop. Its text and comments are in the context.',
      issueNumber: 12,
    });
    expect([...world.executions.started]).toStrictEqual([aTaskId(1)]);
    expect(world.logger.lines).toMatchObject([
      { level: 'info', fields: { event: 'issues', delivery: 'd-1', outcome: 'created', taskId: aTaskId(1) } },
    ]);
  });

  test('a comment of somebody who may write is the description', async () => {
    const world = aWebhookWorld();

    const { status } = await send(
      world,
      aDelivery('issue_comment', commented('Thanks!\n\n@abca fix it\n\nwith tests')),
    );

    const task = await world.tasks.find(aTaskId(1));
    expect([status, task?.taskDescription, task?.issueNumber]).toStrictEqual([201, 'fix it\n\nwith tests', 12]);
  });

  test.each([
    ['rita', 'may read'],
    ['nobody', 'is unknown'],
  ])('the words of %s, who %s, start nothing', async (login) => {
    const world = aWebhookWorld();

    const said = await send(world, aDelivery('issue_comment', commented('@abca fix it', { login })));
    const put = await send(world, aDelivery('issues', labelled({ sender: { login, type: 'User' } })));

    const answer = { data: { ignored: 'the sender may not write to the repository' } };
    expect([said.status, said.json, put.status, put.json]).toStrictEqual([202, answer, 202, answer]);
    expect(world.executions.started.size).toBe(0);
  });

  test.each([
    ['one without triggers', aTriggeredRepo({ blueprint: {} })],
    ['a removed one', aTriggeredRepo({ status: 'removed' })],
    ['one on another forge', aTriggeredRepo({ forge: 'git' })],
    ['one that was not added', aTriggeredRepo({ repo: 'acme/other' as RepoId })],
  ])('nothing is started for %s', async (_title, repo) => {
    const world = aWebhookWorld({ repo });

    const { status, json } = await send(world, aDelivery('issues', labelled()));

    expect([status, json]).toStrictEqual([202, { data: { ignored: 'acme/shop has no triggers' } }]);
    expect(world.calls).toStrictEqual(['repos.find']);
  });

  test.each([
    ['ping', { zen: 'x', hook_id: 1 }],
    ['push', { ref: 'refs/heads/main' }],
    ['constructor', {}],
    ['issues', labelled({ action: 'unlabeled' })],
    ['issue_comment', { ...commented('@abca x'), action: 'edited' }],
  ])('%s is answered without a look at any store: %j', async (name, payload) => {
    const world = aWebhookWorld();

    const { status } = await send(world, aDelivery(name, payload));

    expect([status, world.calls]).toStrictEqual([202, []]);
  });

  test('the secret of before and the one of after a change are both taken', async () => {
    const world = aWebhookWorld();
    const sent = aDelivery('ping', { zen: 'x' });
    const other = aDelivery('ping', { zen: 'x' });
    other.headers.set('x-hub-signature-256', `sha256=${hmac(otherSecret, String(other.body))}`);

    const answers = [await send(world, sent), await send(world, other)];

    expect(answers.map(({ status }) => status)).toStrictEqual([202, 202]);
  });

  test('a redelivery starts nothing twice, whatever it calls itself, by whichever hook it comes', async () => {
    const world = aWebhookWorld();
    const payload = commented('@abca fix it');

    const first = await send(world, aDelivery('issue_comment', payload));
    const again = await send(world, aDelivery('issue_comment', payload));
    const renamed = await send(world, aDelivery('issue_comment', payload, 'd-2'));
    const byApp = await send(world, aDelivery('issue_comment', { ...payload, installation: { id: 1 } }, 'd-3'));
    const another = await send(world, aDelivery('issue_comment', commented('@abca fix it', { id: 502 })));

    expect([first, again, renamed, byApp, another].map(({ status }) => status)).toStrictEqual([
      201, 200, 200, 200, 201,
    ]);
    expect([again, renamed, byApp].map(({ json }) => json)).toStrictEqual([first.json, first.json, first.json]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(world.executions.started.size).toBe(2);
  });

  test('ten deliveries of the same at once start one task', async () => {
    const world = aWebhookWorld();
    const payload = commented('@abca fix it');

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => send(world, aDelivery('issue_comment', payload, `d-${String(n)}`))),
    );

    expect(answers.map(({ status }) => status).sort()).toStrictEqual([...Array<number>(9).fill(200), 201]);
    expect(new Set(answers.map(({ json }) => json.data.task_id)).size).toBe(1);
    expect(world.executions.started.size).toBe(1);
  });

  test('a delivery that broke off after the task was stored starts it when it comes again', async () => {
    const world = aWebhookWorld();
    const start = world.executions.start.bind(world.executions);
    world.executions.start = () => Promise.reject(new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true }));
    const broken = await send(world, aDelivery('issues', labelled()));
    world.executions.start = start;

    const again = await send(world, aDelivery('issues', labelled()));

    expect([broken.status, again.status]).toStrictEqual([503, 200]);
    expect([...world.executions.started]).toStrictEqual([aTaskId(1)]);
  });

  test('what happened once and would be understood otherwise now has still happened once', async () => {
    const world = aWebhookWorld();
    await send(world, aDelivery('issue_comment', commented('@abca fix\n@other review')));
    await world.repos.put(aTriggeredRepo({ blueprint: { triggers: { runAs: 'bob' as UserId, mention: '@other' } } }));

    const again = await send(world, aDelivery('issue_comment', commented('@abca fix\n@other review')));

    expect([again.status, again.json]).toStrictEqual([202, { data: { ignored: 'it started a task before' } }]);
    expect(world.executions.started.size).toBe(1);
  });

  test('strangers are limited by themselves, people who may write all together', async () => {
    const world = aWebhookWorld();
    const { limit } = limits.triggerRate;
    const say = (login: string, id: number): ReturnType<typeof send> =>
      send(world, aDelivery('issue_comment', commented('@abca x', { login, id })));

    const stranger: number[] = [];
    for (let id = 0; id <= limit; id += 1) stranger.push((await say('nobody', id + 1)).status);
    const writer: number[] = [];
    for (let id = 0; id < limit; id += 1) writer.push((await say('carol', id + 1)).status);
    world.people.grant('acme/shop' as RepoId, 'dora', 'write');
    const late = await say('dora', 900);

    expect(stranger).toStrictEqual([...Array<number>(limit).fill(202), 429]);
    expect(writer).toStrictEqual(Array<number>(limit).fill(201));
    expect([late.status, late.json.error.code]).toStrictEqual([429, 'RATE_LIMIT_EXCEEDED']);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('a payload that is none of its event is 400 with what is missing', async () => {
    const world = aWebhookWorld();

    const { status, json } = await send(world, aDelivery('issue_comment', labelled({ action: 'created' })));

    expect([status, json.error.message]).toStrictEqual([400, 'the payload is not one of issue_comment: see comment']);
    expect(world.calls).toStrictEqual([]);
  });

  test('a forge that does not answer is 503: the delivery may come again', async () => {
    const world = aWebhookWorld();
    world.people.permissionOf = () => Promise.reject(new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true }));

    const { status } = await send(world, aDelivery('issues', labelled()));

    expect(status).toBe(503);
    expect(await world.tasks.find(aTask().taskId)).toBeUndefined();
  });
});
