import { describe, expect, test } from '@jest/globals';
import { AbcaError, type UserId } from '@abca/core';
import { aSubmission, aWebhookWorld, aDelivery, config, githubSecret, labelled, send } from './webhooks.test-kit.ts';
import { parseWebhookConfig, type WebhookConfig } from './webhook-config.ts';

const key = { id: 'ci', secret: githubSecret, userId: 'build' as UserId };

describe('parseWebhookConfig()', () => {
  test.each<[string, WebhookConfig]>([
    ['no secret', { github: { secrets: [] } }],
    ['an empty secret', { github: { secrets: [''] } }],
    ['an empty secret beside a good one', { github: { secrets: [githubSecret, ''] } }],
    ['a blank secret', { github: { secrets: [' '.repeat(20)] } }],
    ['a short secret', { github: { secrets: ['hunter2-hunter2'] } }],
    ['a secret with the line end of its file', { github: { secrets: [`${githubSecret}\n`] } }],
    ['no key', { generic: { keys: [] } }],
    ['a key with an empty secret', { generic: { keys: [{ ...key, secret: '' }] } }],
    ['a key for nobody', { generic: { keys: [{ ...key, userId: '' as UserId }] } }],
    ['an id that no header holds', { generic: { keys: [{ ...key, id: 'a b' }] } }],
    ['two keys of one id', { generic: { keys: [key, key] } }],
    ['a name that is misspelt', { github: { secrets: [githubSecret], ownLogin: [] } } as unknown as WebhookConfig],
  ])('refuses %s, and repeats no value', (_title, bad) => {
    const thrown = captured(() => parseWebhookConfig(bad));

    expect(AbcaError.is(thrown, 'CONFIG_INVALID')).toBe(true);
    expect(String(thrown)).toContain('webhooks.g');
    expect(String(thrown)).not.toMatch(/hunter2|a-secret/);
  });

  test('names every fault at once', () => {
    const bad: WebhookConfig = { github: { secrets: ['x'] }, generic: { keys: [] } };

    expect(String(captured(() => parseWebhookConfig(bad)))).toBe(
      'AbcaError: webhooks.github.secrets.0 must have at least 16 characters; webhooks.generic.keys must hold at least one',
    );
  });
});

describe('webhooks()', () => {
  test.each<[WebhookConfig, number, number]>([
    [{}, 404, 404],
    [{ github: config.github }, 201, 404],
    [{ generic: config.generic }, 404, 201],
  ])('serves what is configured and nothing else: %j', async (own, github, generic) => {
    const world = aWebhookWorld({ config: own });

    const answers = [
      await send(world, aDelivery('issues', labelled())),
      await send(world, aSubmission({ repo: 'acme/shop', task_description: 'x' })),
    ];

    expect(answers.map(({ status }) => status)).toStrictEqual([github, generic]);
  });
});

function captured(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
