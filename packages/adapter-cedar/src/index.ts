/** The public surface of `@abca/adapter-cedar`. */
export {
  loadCedarPolicyEngine,
  CedarPolicyEngine,
  type CedarPolicyEngineOptions,
  type OperatorPolicies,
} from './engine/cedar-policy-engine.ts';
export { type RuleSummary, type Severity, type Tier } from './engine/rule.ts';
export { pathFacts, type PathFacts, type Workplace } from './facts/path-facts.ts';
export { shellFacts, type GitPushFacts, type RmFacts, type ShellFacts } from './facts/shell-facts.ts';
