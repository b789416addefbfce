import type { RepoId, TaskId } from '../ids/ids.ts';
import type { TaskType } from '../task/task.ts';
import type { RuleSummary } from './rule.ts';

/** A tool call that an agent wants to make, with what a policy needs to judge it. */
export interface PolicyRequest {
  readonly taskId: TaskId;
  readonly taskType: TaskType;
  readonly repo: RepoId;
  readonly readOnly: boolean;
  readonly toolName: string;
  /** The tool's input as the model wrote it: any JSON. */
  readonly input: unknown;
  /** Absolute path of the checkout; file paths are judged relative to it. */
  readonly workspaceDir: string;
  /** Branches that are not the agent's to push to, by their names on the remote. */
  readonly protectedBranches: readonly string[];
}

/** What part of a call a rule matched on. */
export type MatchSubject =
  /** The call as such: its tool. */
  | { readonly kind: 'call' }
  /** The shell command. */
  | { readonly kind: 'command' }
  /** A file that the tool or the command writes; relative to the checkout, with `../` or `~` at the start outside of it. */
  | { readonly kind: 'write'; readonly path: string };

/** A rule that matched a call, and on what. */
export interface RuleMatch {
  readonly rule: RuleSummary;
  /** At least one. */
  readonly subjects: readonly MatchSubject[];
}

/** A call as it was read by the engine: what scopes are held against, and what is kept to judge it again. */
export interface JudgedCall {
  /** The fields of the input that the rules were asked about, by their names in the input; all else was not looked at. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Which group of tools the call belongs to, if any. */
  readonly toolGroup?: ToolGroup;
  /** Whether there was nothing in the call that reading could not resolve. */
  readonly resolved: boolean;
  /** Every simple command of a shell call, those inside pipes, `bash -c` and the like too, its words joined by one space. */
  readonly commands: readonly string[];
  /** What the rules were asked about, plain JSON for people to read. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Groups of tools that a scope may name. */
export const toolGroups = ['file_write'] as const;
export type ToolGroup = (typeof toolGroups)[number];

/** What the rules say of a tool call, before scopes and earlier decisions. */
export type RuleFindings =
  | {
      readonly kind: 'judged';
      /** Rules of both tiers that matched, sorted by id, each once. */
      readonly matches: readonly RuleMatch[];
      readonly call: JudgedCall;
      /** What an agent should know of how its call was read, such as which part could not be resolved. */
      readonly hint?: string;
    }
  /** The call could not be judged. It must not happen. */
  | { readonly kind: 'failed'; readonly what: string };
