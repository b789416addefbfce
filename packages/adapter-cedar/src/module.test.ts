import { describe, expect, test } from '@jest/globals';
import { AbcaError, type PolicyEngine, tokens } from '@abca/core';
import { Container } from 'inversify';
import { aCommand } from './engine/policy-request.test-kit.ts';
import { cedarModule } from './module.ts';

describe('cedarModule()', () => {
  test('binds one engine, loaded when it is first asked for', async () => {
    const container = new Container();
    container.load(cedarModule());

    const engine = await container.getAsync<PolicyEngine>(tokens.policyEngine);

    expect(await engine.evaluate(aCommand('rm -rf /'))).toMatchObject({ outcome: 'deny' });
    expect(await container.getAsync<PolicyEngine>(tokens.policyEngine)).toBe(engine);
  });

  test('rejects when the policies are bad', async () => {
    const container = new Container();
    container.load(cedarModule({ policies: { hard: 'nonsense' } }));

    const error = await container.getAsync<PolicyEngine>(tokens.policyEngine).catch((reason: unknown) => reason);

    expect(AbcaError.is(error, 'POLICY_INVALID')).toBe(true);
  });
});
