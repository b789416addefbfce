import { describe, expect, test } from '@jest/globals';
import { limits, type UserId } from '@abca/core';
import { aTaskId } from '@abca/core/testing';
import { aSubmission, aWebhookWorld, ciSecret, config, nowS, send } from './webhooks.test-kit.ts';
import { signWebhook } from './generic-signature.ts';

const body = { repo: 'acme/shop', task_description: 'Fix the failing build' };

describe('POST /v1/webhooks/generic', () => {
  test('submits a task of the user whose key signed it, as POST /v1/tasks would', async () => {
    const world = aWebhookWorld();

    const { status, json, headers } = await send(world, aSubmission({ ...body, max_turns: 7 }));

    expect([status, headers.get('location')]).toStrictEqual([201, `/v1/tasks/${aTaskId(1)}`]);
    expect(json.data).toMatchObject({ ...body, task_id: aTaskId(1), status: 'SUBMITTED', max_turns: 7 });
    expect((await world.tasks.find(aTaskId(1)))?.userId).toBe('build');
    expect([...world.executions.started]).toStrictEqual([aTaskId(1)]);
  });

  test('takes what signWebhook() signs', async () => {
    const sent = aSubmission(body, { secret: 'another one', delivery: 'x.Y_1-2' });
    const bytes = new TextEncoder().encode(String(sent.body));
    const parts = { timestamp: String(nowS), delivery: 'x.Y_1-2', body: bytes };
    sent.headers.set('x-abca-signature', await signWebhook(ciSecret, parts));

    expect((await send(aWebhookWorld(), sent)).status).toBe(201);
  });

  test('the same delivery is the same task, also signed anew; another body under its id is 409', async () => {
    const world = aWebhookWorld();

    const first = await send(world, aSubmission(body));
    const again = await send(world, aSubmission(body));
    const later = await send(world, aSubmission(body, { timestamp: String(nowS + 60) }));
    const other = await send(world, aSubmission({ ...body, max_turns: 3 }));
    const next = await send(world, aSubmission(body, { delivery: 'build-8' }));

    expect([first, again, later, other, next].map(({ status }) => status)).toStrictEqual([201, 200, 200, 409, 201]);
    expect([again.json, later.json]).toStrictEqual([first.json, first.json]);
    expect(later.headers.get('idempotent-replayed')).toBe('true');
    expect(world.executions.started.size).toBe(2);
  });

  test('ten of the same at once are one task', async () => {
    const world = aWebhookWorld();

    const answers = await Promise.all(Array.from({ length: 10 }, () => send(world, aSubmission(body))));

    expect(answers.map(({ status }) => status).sort()).toStrictEqual([...Array<number>(9).fill(200), 201]);
    expect(world.executions.started.size).toBe(1);
  });

  test('the same delivery of two keys are two tasks', async () => {
    const other = { id: 'deploy', secret: 'a-secret-of-the-deploy-server', userId: 'ops' as UserId };
    const world = aWebhookWorld({ config: { generic: { keys: [...(config.generic?.keys ?? []), other] } } });

    const one = await send(world, aSubmission(body));
    const two = await send(world, aSubmission(body, { key: 'deploy', secret: other.secret }));
    const crossed = await send(world, aSubmission(body, { key: 'deploy' }));

    expect([one.status, two.status, crossed.status]).toStrictEqual([201, 201, 401]);
    expect((await world.tasks.find(aTaskId(2)))?.userId).toBe('ops');
  });

  test('five minutes off, either way, is still believed', async () => {
    const off = limits.signatureAgeMs / 1000;

    const answers = [
      await send(aWebhookWorld(), aSubmission(body, { timestamp: String(nowS - off) })),
      await send(aWebhookWorld(), aSubmission(body, { timestamp: String(nowS + off) })),
    ];

    expect(answers.map(({ status }) => status)).toStrictEqual([201, 201]);
  });

  test.each([
    [{ ...body, max_turns: 0 }, 400, 'VALIDATION_ERROR'],
    [{ ...body, taskDescription: 'x' }, 400, 'VALIDATION_ERROR'],
    [{ ...body, task_description: 'half \ud83c' }, 400, 'VALIDATION_ERROR'],
    [[], 400, 'VALIDATION_ERROR'],
    ['{', 400, 'VALIDATION_ERROR'],
    ['', 400, 'VALIDATION_ERROR'],
    [{ ...body, repo: 'acme/other' }, 422, 'REPO_NOT_ONBOARDED'],
  ])('answers %j with %i %s', async (bad, status, code) => {
    const world = aWebhookWorld();

    const answer = await send(world, aSubmission(bad));

    expect([answer.status, answer.json.error.code]).toStrictEqual([status, code]);
    expect(world.executions.started.size).toBe(0);
  });

  test('a key is limited', async () => {
    const world = aWebhookWorld();
    const statuses: number[] = [];
    for (let n = 0; n <= limits.triggerRate.limit; n += 1) {
      statuses.push((await send(world, aSubmission(body, { delivery: `build-${String(n)}` }))).status);
    }

    expect(statuses).toStrictEqual([...Array<number>(limits.triggerRate.limit).fill(201), 429]);
  });
});
