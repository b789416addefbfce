import { tokens, type ComputeStrategy } from '@abca/core';
import { expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { agentCoreComputeModule } from './module.ts';

test('agentCoreComputeModule() adds one strategy to those of the container, and makes no client for it', () => {
  const container = new Container();
  container.bind(tokens.clock).toConstantValue({});
  container.bind(tokens.logger).toConstantValue({});
  const client = (): never => {
    throw new Error('nothing was asked of it yet');
  };
  container.load(agentCoreComputeModule({ client }));

  const strategies = container.getAll<ComputeStrategy>(tokens.computeStrategy);

  expect(strategies.map(({ type }) => type)).toStrictEqual(['agentcore']);
  expect(container.getAll<ComputeStrategy>(tokens.computeStrategy)[0]).toBe(strategies[0]);
});
