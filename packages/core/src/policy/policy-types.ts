import type { TaskId, RepoId } from '../ids/ids.ts';
import type { TaskType } from '../task/task.ts';

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
}

/** What the policy says of one tool call. */
export type PolicyDecision =
  | { readonly outcome: 'allow'; readonly matchingRuleIds: readonly string[] }
  | {
      readonly outcome: 'deny';
      readonly tier: 'hard' | 'soft' | 'fail_closed';
      readonly reason: string;
      readonly matchingRuleIds: readonly string[];
    }
  | {
      readonly outcome: 'ask';
      readonly reason: string;
      readonly matchingRuleIds: readonly string[];
      readonly severity: 'low' | 'medium' | 'high';
      readonly timeoutS: number;
    };

/** The decision for any doubt: deny, and say what was in doubt. */
export function failClosed(what: string): PolicyDecision {
  return { outcome: 'deny', tier: 'fail_closed', reason: `fail-closed: ${what}`, matchingRuleIds: [] };
}
