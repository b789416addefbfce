import type { PolicyRequest, RepoId, TaskId } from '@abca/core';

/** A tool call of an ordinary task in a checkout at /work/repo. */
export function aRequest(overrides: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    taskId: '01JD0000000000000000000000' as TaskId,
    taskType: 'new_task',
    repo: 'acme/shop' as RepoId,
    readOnly: false,
    toolName: 'Bash',
    input: { command: 'ls' },
    workspaceDir: '/work/repo',
    ...overrides,
  };
}

/** A call of the shell tool. */
export function aCommand(command: string, overrides: Partial<PolicyRequest> = {}): PolicyRequest {
  return aRequest({ input: { command }, ...overrides });
}
