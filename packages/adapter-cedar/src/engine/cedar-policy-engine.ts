import type {
  JudgedCall,
  MatchSubject,
  PolicyEngine,
  PolicyRequest,
  RuleFindings,
  RuleMatch,
  RuleSummary,
} from '@abca/core';
import { factsOfRelative, pathFacts, type Workplace } from '../facts/path-facts.ts';
import { shellFacts, type ShellFacts } from '../facts/shell-facts.ts';
import type { LoadedRules } from './load-rules.ts';
import { pathContext, problemOf, questionsOf, shellContext, type Question, type ReadCall } from './questions.ts';
import { summaryOf } from './rule.ts';
import type { RuleSet } from './rule-set.ts';
import { toolEffects, type ToolEffects } from './tool-effects.ts';

/** Most questions that one tool call may come to. More is no ordinary command. */
const maxQuestions = 256;

/** {@link PolicyEngine} on Cedar: rules over facts of the tool call. Made by `CedarPolicyLoader`. */
export class CedarPolicyEngine implements PolicyEngine {
  readonly rules: readonly RuleSummary[];
  readonly warnings: readonly string[];
  readonly #ruleSet: RuleSet;
  readonly #summaries: ReadonlyMap<string, RuleSummary>;
  readonly #homeDir: string | undefined;

  /** @internal */
  constructor(ruleSet: RuleSet, { rules, warnings }: LoadedRules, homeDir: string | undefined) {
    this.#ruleSet = ruleSet;
    this.#homeDir = homeDir;
    this.warnings = warnings;
    this.rules = rules.map(summaryOf).sort((left, right) => (left.ruleId < right.ruleId ? -1 : 1));
    this.#summaries = new Map(this.rules.map((rule) => [rule.ruleId, rule]));
  }

  judge(request: PolicyRequest): Promise<RuleFindings> {
    try {
      return Promise.resolve(this.#judge(request));
    } catch (error) {
      return Promise.resolve(failed(error instanceof Error ? error.message : 'the policy engine failed'));
    }
  }

  #judge(request: PolicyRequest): RuleFindings {
    const problem = problemOf(request);
    if (problem !== undefined) return failed(problem);
    const effects = toolEffects(request.toolName, request.input);
    if (effects.kind === 'unreadable') return failed(effects.what);
    const call = readCall(request, effects, this.#homeDir);
    const questions = questionsOf(request, call);
    if (questions.length > maxQuestions) return failed('the call writes too many files to judge; split it');
    const matches = this.#matchesOf(questions);
    if (typeof matches === 'string') return failed(matches);
    const hint = unresolvedHint(call.shell);
    return { kind: 'judged', matches, call: judgedCall(effects, call), ...(hint !== undefined && { hint }) };
  }

  /** The rules that matched, sorted by id; or what went wrong with a question. */
  #matchesOf(questions: readonly Question[]): readonly RuleMatch[] | string {
    const subjects = new Map<string, MatchSubject[]>();
    for (const question of questions) {
      const verdict = this.#ruleSet.ask(question);
      if (verdict.kind === 'error') return verdict.what;
      for (const ruleId of verdict.ruleIds) {
        const known = subjects.get(ruleId);
        if (known === undefined) subjects.set(ruleId, [question.subject]);
        else known.push(question.subject);
      }
    }
    return [...subjects.keys()].sort().map((ruleId) => {
      const rule = this.#summaries.get(ruleId);
      if (rule === undefined) throw new Error(`the engine named a rule ${ruleId} that it does not have`);
      return { rule, subjects: subjects.get(ruleId) ?? [] };
    });
  }
}

type Readable = Extract<ToolEffects, { kind: 'readable' }>;

function failed(what: string): RuleFindings {
  return { kind: 'failed', what };
}

function readCall(request: PolicyRequest, { paths, command }: Readable, homeDir: string | undefined): ReadCall {
  const where: Workplace = { workspaceDir: request.workspaceDir, ...(homeDir !== undefined && { homeDir }) };
  const shell = command === undefined ? undefined : shellFacts(command, where);
  const files = [
    ...paths.map((path) => ({ path, facts: pathFacts(path, where) })),
    ...(shell?.writesFiles ?? []).map((path) => ({ path, facts: factsOfRelative(path) })),
  ];
  return { files, command, shell };
}

function judgedCall({ input, paths, command }: Readable, { files, shell }: ReadCall): JudgedCall {
  return {
    input,
    ...(paths.length > 0 && command === undefined && { toolGroup: 'file_write' as const }),
    resolved: shell?.parsed ?? true,
    commands: shell?.commands ?? [],
    facts: {
      ...(files.length > 0 && { paths: files.map(({ facts }) => pathContext(facts)) }),
      ...(shell !== undefined && { shell: shellContext(shell) }),
    },
  };
}

function unresolvedHint(shell: ShellFacts | undefined): string | undefined {
  if (shell === undefined || shell.parsed) return undefined;
  return `Parts of the command could not be resolved (${shell.doubts.slice(0, 3).join('; ')}): write it with literal words.`;
}
