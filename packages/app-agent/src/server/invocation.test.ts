import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '@abca/core';
import { parseInvocation } from './invocation.ts';
import { environment } from './server.test-kit.ts';

const bytes = (body: unknown): Uint8Array =>
  new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));

function problemOf(body: unknown): string {
  try {
    parseInvocation(body instanceof Uint8Array ? body : bytes(body));
  } catch (error) {
    if (AbcaError.is(error, 'VALIDATION_ERROR')) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('parseInvocation()', () => {
  test('takes all that core tells a session, unchanged', () => {
    const given = {
      ...environment,
      ABCA_DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000',
      ABCA_LAMBDA_ENDPOINT: 'http://127.0.0.1:8001',
      ABCA_FEED_URL: 'http://127.0.0.1:8002',
      ABCA_ACCESS_KEY_ID: 'local',
      ABCA_HEARTBEAT_MS: '1000',
      ABCA_LEASE_MS: '2000',
    };

    expect(parseInvocation(bytes({ environment: given }))).toStrictEqual(given);
  });

  test.each([
    'PATH',
    'HOME',
    'NODE_OPTIONS',
    'LD_PRELOAD',
    'ABCA_WORKSPACE_DIR',
    'ABCA_MODEL_PROVIDER',
    'ANTHROPIC_API_KEY',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_BEARER_TOKEN_BEDROCK',
    'constructor',
  ])('refuses %s, which is not for an invocation to say', (name) => {
    const given = `{"environment":{${JSON.stringify(environment).slice(1, -1)},${JSON.stringify(name)}:"value-of-it"}}`;

    const problem = problemOf(given);

    expect(problem).toContain(name);
    expect(problem).not.toContain('value-of-it');
  });

  test.each([
    ['ABCA_TASK_ID', undefined],
    ['ABCA_TASK_ID', ''],
    ['ABCA_TASK_ID', 7],
    ['ABCA_SESSION_ID', 'short'],
    ['ABCA_GENERATION', 'one'],
    ['ABCA_GENERATION', true],
    ['ABCA_GENERATION', 1],
    ['ABCA_GENERATION', '0'],
    ['ABCA_TABLE_PREFIX', null],
    ['AWS_REGION', ['eu-central-1']],
    ['ABCA_FEED_URL', 'not an address'],
    ['ABCA_HEARTBEAT_MS', '-1'],
    ['ABCA_LEASE_MS', '1000'],
  ])('names %s when it is %p', (name, value) => {
    expect(problemOf({ environment: { ...environment, [name]: value } })).toContain(`environment.${name}: `);
  });

  test('takes no prototype for a name', () => {
    const given = JSON.stringify({ environment }).replace('{"environment":{', '{"environment":{"__proto__":"x",');

    expect(Object.keys(parseInvocation(bytes(given)))).toStrictEqual(Object.keys(environment));
  });

  test('names every field at once', () => {
    const problem = problemOf({ environment: {} });

    for (const name of Object.keys(environment)) expect(problem).toContain(name);
  });

  test.each([
    ['nothing', '', 'not JSON'],
    ['half of a body', '{"environment":', 'not JSON'],
    ['another encoding', new Uint8Array([0x22, 0xff, 0x22]), 'not JSON in UTF-8'],
    ['null', 'null', 'the body: '],
    ['a list', '[]', 'the body: '],
    ['a text', '"environment"', 'the body: '],
    ['no environment', '{}', 'environment: '],
    ['a list of environment', '{"environment":[]}', 'environment: '],
    ['another field', { environment, prompt: 'do this' }, 'prompt'],
  ])('refuses %s', (_what, body, words) => {
    expect(problemOf(body)).toContain(words);
  });
});
