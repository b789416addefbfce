import { isTaskId, type RequestId, type TaskId } from '@abca/core';

/** Names by which Slack tells which element of a card, or which modal, somebody used. */
export const actionIds = { approve: 'abca_approve', deny: 'abca_deny', approveScope: 'abca_approve_scope' } as const;
export const denyModalId = 'abca_deny_modal';
export const reasonIds = { block: 'abca_reason', action: 'abca_reason_text' } as const;

/** Which request a card is about. Not trusted when it comes back: whoever decides is checked against the stored request. */
export interface CardTarget {
  readonly taskId: TaskId;
  readonly requestId: RequestId;
}

/** The block of a card's buttons: its id says which request they decide. */
export function blockIdOf({ taskId, requestId }: CardTarget): string {
  return `abca:${taskId}:${requestId}`;
}

/** `undefined` when {@link blockIdOf} did not make it. */
export function parseBlockId(blockId: string): CardTarget | undefined {
  const [mark, taskId = '', requestId = '', ...more] = blockId.split(':');
  if (mark !== 'abca' || more.length > 0 || !isTaskId(taskId) || !isTaskId(requestId)) return undefined;
  return { taskId, requestId: requestId as unknown as RequestId };
}
