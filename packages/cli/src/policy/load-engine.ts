import { CedarPolicyLoader } from '@abca/adapter-cedar';
import { AbcaError, type CedarPolicies, type PolicyEngine } from '@abca/core';
import { CliError } from '../errors/cli-error.ts';
import { inFiles, type PolicyFile } from './policy-texts.ts';

/** An engine, or everything that is wrong with its policies, as the loader says it. */
export type Loaded =
  | { readonly kind: 'valid'; readonly engine: PolicyEngine }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Load policies exactly as the platform and its sessions do. */
export async function loadPolicies(policies: CedarPolicies): Promise<Loaded> {
  try {
    return { kind: 'valid', engine: await new CedarPolicyLoader().load(policies) };
  } catch (error) {
    const problems = AbcaError.is(error, 'POLICY_INVALID') ? error.details?.['problems'] : undefined;
    if (!Array.isArray(problems)) throw error;
    return { kind: 'invalid', problems: problems.map(String) };
  }
}

/** @throws CliError POLICY_INVALID with every problem and its place in `files` */
export async function loadEngine(policies: CedarPolicies, files: readonly PolicyFile[] = []): Promise<PolicyEngine> {
  const loaded = await loadPolicies(policies);
  if (loaded.kind === 'valid') return loaded.engine;
  throw new CliError('POLICY_INVALID', 'the policies cannot be used', {
    problems: loaded.problems.map((problem) => inFiles(problem, files)),
    suggestion: 'correct them and try them out with: bgagent policy check <file>',
  });
}
