import type { CedarPolicies, PolicyEngine, PolicyLoader } from '@abca/core';
import { basePermitText, builtInRules, schemaText } from '../policies/built-in.gen.ts';
import { CedarPolicyEngine } from './cedar-policy-engine.ts';
import { loadCedarWasm } from './cedar-wasm.ts';
import { loadRules } from './load-rules.ts';
import { RuleSet } from './rule-set.ts';

/** Engines that are kept: an API serves many repositories, and most have the same policies or none. */
const keptEngines = 32;

/** Settings of {@link CedarPolicyLoader}. */
export interface CedarPolicyLoaderOptions {
  /** HOME of the agent's shell. Without it, `~` stays `~` in facts. */
  readonly homeDir?: string;
}

/**
 * {@link PolicyLoader} on Cedar: built-in rules, then the operator's, which are held against the schema. The built-in ones
 * are part of the program, so that no file can be missing. Equal policies give the same engine while it is among the last
 * {@link keptEngines} that were used.
 */
export class CedarPolicyLoader implements PolicyLoader {
  readonly #homeDir: string | undefined;
  /** The least recently used first. */
  readonly #engines = new Map<string, Promise<PolicyEngine>>();

  constructor({ homeDir }: CedarPolicyLoaderOptions = {}) {
    this.#homeDir = homeDir;
  }

  async load(policies: CedarPolicies = {}): Promise<PolicyEngine> {
    const { hard, soft, disable = [] } = policies;
    const key = JSON.stringify([hard ?? '', soft ?? '', [...disable].sort()]);
    const engine = this.#engines.get(key) ?? this.#make(policies);
    this.#engines.delete(key);
    this.#engines.set(key, engine);
    if (this.#engines.size > keptEngines) this.#dropOldest();
    try {
      return await engine;
    } catch (error) {
      // What failed for a passing reason must not fail for good.
      if (this.#engines.get(key) === engine) this.#engines.delete(key);
      throw error;
    }
  }

  async #make(policies: CedarPolicies): Promise<PolicyEngine> {
    const cedar = await loadCedarWasm();
    const loaded = loadRules(cedar, { schema: schemaText, rules: builtInRules }, policies);
    return new CedarPolicyEngine(new RuleSet(cedar, basePermitText, loaded.rules), loaded, this.#homeDir);
  }

  #dropOldest(): void {
    for (const key of this.#engines.keys()) {
      this.#engines.delete(key);
      return;
    }
  }
}
