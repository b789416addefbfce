/**
 * Tools that a coding agent may have, by the names the model calls them. Tools of MCP servers, `mcp__<server>__<tool>`, are
 * not listed. A name is all that is said here: which ones an agent is given, and what they write or run, is said elsewhere.
 */
export const agentTools = [
  'Bash',
  'Read',
  'Edit',
  'MultiEdit',
  'Write',
  'NotebookEdit',
  'Glob',
  'Grep',
  'WebFetch',
  'WebSearch',
  'Task',
  'TodoWrite',
] as const;
export type AgentTool = (typeof agentTools)[number];

/** Whether a tool may be called so. */
export function isAgentTool(name: string): boolean {
  return (agentTools as readonly string[]).includes(name) || /^mcp__[A-Za-z0-9_.-]{1,100}$/.test(name);
}
