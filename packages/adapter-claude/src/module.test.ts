import { type Clock, tokens } from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { ClaudeCodingAgent } from './claude-coding-agent.ts';
import { claudeModule } from './module.ts';
import { aLogger } from './run-claude.test-kit.ts';

describe('claudeModule()', () => {
  test('binds one coding agent', () => {
    const container = new Container();
    const clock: Clock = { nowMs: () => 0, sleep: async () => undefined };
    container.bind(tokens.logger).toConstantValue(aLogger());
    container.bind(tokens.clock).toConstantValue(clock);
    container.load(claudeModule({ model: { provider: 'scripted', baseUrl: 'http://127.0.0.1:1' } }));

    const agent = container.get(tokens.codingAgent);

    expect(agent).toBeInstanceOf(ClaudeCodingAgent);
    expect(container.get(tokens.codingAgent)).toBe(agent);
  });
});
