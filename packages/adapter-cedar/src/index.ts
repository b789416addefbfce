/** The public surface of `@abca/adapter-cedar`. */
export { CedarPolicyEngine } from './engine/cedar-policy-engine.ts';
export { CedarPolicyLoader, type CedarPolicyLoaderOptions } from './engine/cedar-policy-loader.ts';
export { pathFacts, type PathFacts, type Workplace } from './facts/path-facts.ts';
export { shellFacts, type GitPushFacts, type RmFacts, type ShellFacts } from './facts/shell-facts.ts';
