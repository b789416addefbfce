import { tokens } from '@abca/core';
import { ContainerModule } from 'inversify';
import { CedarPolicyLoader, type CedarPolicyLoaderOptions } from './engine/cedar-policy-loader.ts';

/** Binds `tokens.policyLoader` to one loader. Policies that cannot be used reject in its `load`, with POLICY_INVALID. */
export function cedarModule(options: CedarPolicyLoaderOptions = {}): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.policyLoader)
      .toResolvedValue(() => new CedarPolicyLoader(options), [])
      .inSingletonScope();
  });
}
