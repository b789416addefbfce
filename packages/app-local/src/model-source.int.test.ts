import { AbcaError } from '@abca/core';
import { afterEach, describe, expect, test } from '@jest/globals';
import { hasModelCredentials, openModel, type ModelSource } from './model-source.ts';

const opened: ModelSource[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((model) => model.stop()));
});

async function open(...args: Parameters<typeof openModel>): Promise<ModelSource> {
  const model = await openModel(...args);
  opened.push(model);
  return model;
}

describe('openModel()', () => {
  test('serves a scripted model on loopback when there are no credentials, and says so', async () => {
    const model = await open({ PATH: '/bin' }, {});

    expect(model).toMatchObject({ label: 'scripted', scripted: true, port: expect.any(Number) });
    expect(model.environment).toStrictEqual({
      ABCA_SCRIPTED_MODEL_URL: `http://127.0.0.1:${String(model.port)}`,
    });
  });

  test('takes the port of the last time again', async () => {
    const first = await open({}, {});
    await first.stop();

    const second = await open({}, { port: Number(first.port) });

    expect(second.port).toBe(first.port);
  });

  test('takes another port when the one of the last time is taken', async () => {
    const first = await open({}, {});

    const second = await open({}, { port: Number(first.port) });

    expect(second.port).not.toBe(first.port);
  });

  test('names a script that cannot be read', async () => {
    const opening = openModel({}, { scriptFile: '/nowhere/script.json' });

    await expect(opening).rejects.toThrow(/\/nowhere\/script\.json/);
  });

  test('gives sessions the credentials of a real model and nothing else of the environment', async () => {
    const key = ['sk-ant-', 'x'.repeat(20)].join('');

    const model = await open(
      { ANTHROPIC_API_KEY: key, ANTHROPIC_MODEL: 'claude-x', MY_SECRET: 'mine', PATH: '/bin' },
      {},
    );

    expect(model.environment).toStrictEqual({ ANTHROPIC_API_KEY: key, ANTHROPIC_MODEL: 'claude-x' });
    expect(model).toMatchObject({ scripted: false, label: expect.stringContaining('claude-x') });
    expect(model.label).not.toContain(key);
    expect(model.port).toBeUndefined();
  });

  test('refuses credentials that are not complete', async () => {
    const error: unknown = await openModel({ CLAUDE_CODE_USE_BEDROCK: '1' }, {}).catch((caught: unknown) => caught);

    expect(AbcaError.is(error, 'CONFIG_INVALID')).toBe(true);
  });
});

describe('hasModelCredentials()', () => {
  test.each([
    [{}, false],
    [{ ANTHROPIC_API_KEY: '' }, false],
    [{ ANTHROPIC_MODEL: 'claude-x' }, false],
    [{ ANTHROPIC_API_KEY: 'key' }, true],
    [{ CLAUDE_CODE_USE_BEDROCK: '1' }, true],
  ])('%j: %s', (env, expected) => {
    expect(hasModelCredentials(env)).toBe(expected);
  });
});
