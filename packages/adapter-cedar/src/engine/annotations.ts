import { limits, severities, type Tier } from '@abca/core';
import { basePermitId } from './rule.ts';

/** Annotations of a rule by their names. */
export type Annotations = Readonly<Record<string, string | undefined>>;

const ruleIdPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** What is wrong with the annotations of a rule of `tier`, each with what to write. */
export function annotationProblems(
  annotations: Annotations,
  effect: 'permit' | 'forbid',
  tier: Tier,
): readonly string[] {
  const { rule_id: ruleId } = annotations;
  if (ruleId === undefined) return ['the rule has no id; add @rule_id("...") before it'];
  if (!ruleIdPattern.test(ruleId)) return ['the id may hold up to 100 letters, digits, "_", "." and "-"'];
  if (ruleId === basePermitId) {
    return effect === 'permit' ? [] : [`only a permit may be called ${basePermitId}; give the rule another id`];
  }
  return [
    ...tierProblems(annotations['tier'], tier),
    ...timeoutProblems(annotations['approval_timeout_s'], tier),
    ...severityProblems(annotations['severity']),
  ];
}

function tierProblems(found: string | undefined, tier: Tier): readonly string[] {
  if (found === tier) return [];
  return [`${found === undefined ? 'the tier is missing' : `the tier is "${found}"`}; write @tier("${tier}")`];
}

function timeoutProblems(timeout: string | undefined, tier: Tier): readonly string[] {
  if (timeout === undefined) return [];
  if (tier === 'hard') return ['a hard rule waits for no approval; remove @approval_timeout_s, or make the rule soft'];
  const { min } = limits.approvalTimeoutS;
  if (/^\d{1,9}$/.test(timeout) && Number(timeout) >= min) return [];
  return [`the approval timeout is "${timeout}"; write whole seconds, ${String(min)} or more`];
}

function severityProblems(severity: string | undefined): readonly string[] {
  if (severity === undefined || severities.some((known) => known === severity)) return [];
  return [`the severity is "${severity}"; it must be one of ${severities.join(', ')}`];
}
