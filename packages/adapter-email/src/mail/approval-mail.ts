import { shortTaskId, type Approval } from '@abca/core';
import type { MailBody } from './mail-body.ts';
import { oneLine, someLines } from './one-line.ts';

/** Longest part of a call that a message shows, in characters. The page of the link shows all that is kept. */
const callChars = 4_000;

/** A request for an approval. */
export function approvalMail(approval: Approval, url: string | undefined): MailBody {
  const { taskId, requestId, repo, toolName, severity, reason, matchingRuleIds, expiresAt, input } = approval;
  const ids = `${taskId} ${requestId}`;
  return {
    title: `Approval needed in ${oneLine(repo, 100)}: ${oneLine(toolName, 60)}`,
    facts: [
      ['Task', shortTaskId(taskId)],
      ['Severity', severity],
      ['Why', oneLine(reason, 500)],
      ['Rules', oneLine(matchingRuleIds.join(', '), 500)],
      ['Open until', expiresAt],
    ],
    block: someLines(input, callChars),
    ...(url !== undefined && { link: { label: linkLabel(severity), url } }),
    commands: [
      ['Permit it', `bgagent approve ${ids}`],
      ['Refuse it', `bgagent deny ${ids} --reason "…"`],
    ],
    footer: 'You get this because the task is yours. The link is for you alone: who has it can decide in your name.',
  };
}

/** What is grave is not decided where nobody has signed in. */
function linkLabel(severity: Approval['severity']): string {
  return severity === 'high' ? 'See the request (it is decided on your terminal)' : 'See the request and decide';
}
