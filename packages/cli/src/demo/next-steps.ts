import type { TaskView } from '../client/wire-types.ts';
import { selfCommand } from '../program/self-command.ts';
import { span, type Line } from '../render/line.ts';
import { shellCommand } from '../render/shell-quote.ts';
import { demoTestCommand } from './demo-files.ts';

/** What the next steps depend on. */
export interface NextStepsInput {
  readonly task: TaskView;
  readonly target: { readonly repo: string; readonly cloneUrl: string };
  readonly isBuiltIn: boolean;
  /** Tells how bgagent was started, so that what is printed works when pasted. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a person may do after a demo that went well. Pure. */
export function nextSteps({ task, target, isBuiltIn, env }: NextStepsInput): Line[] {
  const bgagent = selfCommand(env).join(' ');
  const branch = task.receipt?.branch;
  const clone = ['git', 'clone', '--quiet', '--branch', branch ?? 'main', target.cloneUrl, 'abca-demo-fix'];
  const tryIt = branch === undefined ? undefined : `${shellCommand(clone)} && (cd abca-demo-fix && ${demoTestCommand})`;
  return [
    [span('Next:', 'title')],
    ...(isBuiltIn && tryIt !== undefined ? step('run its tests yourself', tryIt) : []),
    ...step('run the platform', `${bgagent} up`),
    ...step('in another terminal', `${bgagent} repo add <path or URL>`),
    ...step('', `${bgagent} submit --repo <owner/name> --task "…" --watch`),
  ];
}

function step(what: string, command: string): Line[] {
  return [[span(`  ${what.padEnd(24)}`, 'dim'), span(command)]];
}
