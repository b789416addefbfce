import { describe, expect, test } from '@jest/globals';
import { createUpstream } from './upstream.ts';

const target = '/model/some-model/invoke';
const request = { target, method: 'POST', headers: { 'x-other': 'dropped' }, body: '{}' };
const bedrock = { provider: 'bedrock', region: 'eu-west-1', model: undefined } as const;

describe('createUpstream() › bedrock', () => {
  test('goes to Bedrock in the region with the bearer token when there is one', async () => {
    const upstream = createUpstream({ ...bedrock, bearerToken: 'token' });

    expect(await upstream.prepare(request)).toStrictEqual({
      url: new URL(`https://bedrock-runtime.eu-west-1.amazonaws.com${target}`),
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', accept: '*/*', authorization: 'Bearer token' },
    });
  });

  test('signs with the credentials and no others', async () => {
    const credentials = { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: undefined };

    const prepared = await createUpstream({ ...bedrock, credentials }).prepare(request);

    expect(prepared?.headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=id\//);
    expect(prepared?.headers).not.toHaveProperty('x-amz-security-token');
  });

  test.each([
    [{ ...request, method: 'GET' }],
    [{ ...request, target: '/model/some-model/converse' }],
    [{ ...request, target: '/guardrails' }],
    [{ ...request, target: '/model/a/b/invoke' }],
  ])('prepares nothing for %j', async (other) => {
    expect(await createUpstream({ ...bedrock, bearerToken: 'token' }).prepare(other)).toBeUndefined();
  });
});
