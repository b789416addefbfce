import { preview } from '@abca/core';
import type { ShellFacts } from '../facts/shell-facts.ts';
import type { Rule } from './rule.ts';

/** Longest reason that reaches the agent, in characters. */
const maxReasonChars = 500;

/** Why the hard tier denies, and what to do instead, in words for a model and for a person. */
export function hardDenyReason(rules: readonly Rule[], shell: ShellFacts | undefined): string {
  const ids = rules.map(({ ruleId }) => ruleId).join(', ');
  const summaries = rules.flatMap(({ summary }) => summary ?? []);
  return preview([`Hard-deny: ${ids}.`, ...summaries, ...unresolvedHint(shell)].join(' '), maxReasonChars);
}

function unresolvedHint(shell: ShellFacts | undefined): readonly string[] {
  if (shell === undefined || shell.parsed) return [];
  return [
    `Parts of the command could not be resolved (${shell.doubts.slice(0, 3).join('; ')}): write it with literal words.`,
  ];
}
