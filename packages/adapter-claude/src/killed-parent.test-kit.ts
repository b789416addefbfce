import { aLogger } from './run-claude.test-kit.ts';
import { ClaudeCodingAgent } from './claude-coding-agent.ts';

/** A program that runs one agent and is meant to be killed. Arguments: model url, workspace, home. */
const [baseUrl = '', workspaceDir = '', homeDir = ''] = process.argv.slice(2);
const agent = new ClaudeCodingAgent({ model: { provider: 'scripted', baseUrl }, logger: aLogger() });
await agent.run(
  { prompt: 'go', workspaceDir, homeDir, shellEnvironment: {}, maxTurns: 5, maxBudgetUsd: 1 },
  {
    gate: async () => ({ kind: 'allow' }),
    betweenTurns: async () => ({ kind: 'continue' }),
    beforeEnd: async () => ({ kind: 'continue' }),
    progress: async () => undefined,
    redact: (text) => text,
  },
);
