import type { ApprovalRepository, TaskId } from '@abca/core';

/** `approvals`, telling of each decision once it is stored: who waits for it on this machine need not poll. */
export function tellingApprovals(
  approvals: ApprovalRepository,
  onDecision: (taskId: TaskId) => void,
): ApprovalRepository {
  return {
    request: (request, options) => approvals.request(request, options),
    find: (key, options) => approvals.find(key, options),
    expire: (request, options) => approvals.expire(request, options),
    listPending: (query, options) => approvals.listPending(query, options),
    decide: async (decision, options) => {
      const result = await approvals.decide(decision, options);
      if (result.kind === 'decided') onDecision(decision.taskId);
      return result;
    },
  };
}
