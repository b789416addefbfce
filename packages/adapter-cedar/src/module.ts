import { tokens } from '@abca/core';
import { ContainerModule } from 'inversify';
import { loadCedarPolicyEngine, type CedarPolicyEngineOptions } from './engine/cedar-policy-engine.ts';

/**
 * Binds `tokens.policyEngine` to one Cedar engine. Loading is asynchronous: use `container.getAsync`. A load that fails
 * rejects there with POLICY_INVALID, so that nothing runs ungoverned.
 */
export function cedarModule(options: CedarPolicyEngineOptions = {}): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.policyEngine)
      .toResolvedValue(() => loadCedarPolicyEngine(options), [])
      .inSingletonScope();
  });
}
