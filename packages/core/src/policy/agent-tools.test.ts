import { describe, expect, test } from '@jest/globals';
import { agentTools, isAgentTool } from './agent-tools.ts';

describe('isAgentTool()', () => {
  test('knows the tools by name, exactly as the model calls them', () => {
    expect(agentTools.filter(isAgentTool)).toStrictEqual([
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
    ]);
    expect(['bash', 'Bash ', '', 'Run'].filter(isAgentTool)).toStrictEqual([]);
  });

  test('takes tools of MCP servers by their form', () => {
    expect(isAgentTool('mcp__jira__get_issue')).toBe(true);
    expect(isAgentTool('mcp__a')).toBe(true);
    expect(['mcp__', 'mcp_a', 'x mcp__a', 'mcp__a b', 'mcp__a\n', 'mcp__a*'].filter(isAgentTool)).toStrictEqual([]);
  });
});
