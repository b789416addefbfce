import { describe, expect, test } from '@jest/globals';
import { type PolicyLoader, tokens } from '@abca/core';
import { Container } from 'inversify';
import { aCommand, outcomeOf } from './engine/policy-request.test-kit.ts';
import { cedarModule } from './module.ts';

describe('cedarModule()', () => {
  test('binds one loader, with the options it was given', async () => {
    const container = new Container();
    container.load(cedarModule({ homeDir: '/home/agent' }));

    const loader = container.get<PolicyLoader>(tokens.policyLoader);
    const engine = await loader.load();

    expect(outcomeOf(await engine.judge(aCommand('rm -rf /home/agent')))).toStrictEqual({
      decision: 'deny',
      ids: ['rm_slash'],
    });
    expect(container.get<PolicyLoader>(tokens.policyLoader)).toBe(loader);
  });
});
