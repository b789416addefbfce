import { builtInRules } from './built-in.gen.ts';

/** Ids of the built-in rules, for who tells of rules and evaluates none: Cedar itself is not needed for it. */
export const builtInRuleIds: readonly string[] = builtInRules.map(({ ruleId }) => ruleId);
