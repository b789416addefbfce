import { tokens, type ComputeStrategy } from '@abca/core';
import { expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { EagerClock, someSettings } from './ecs-world.test-kit.ts';
import { ecsComputeModule } from './module.ts';

test('ecsComputeModule() adds one strategy to those of the container, and makes no client for it', () => {
  const container = new Container();
  container.bind(tokens.clock).toConstantValue(new EagerClock());
  container.bind(tokens.logger).toConstantValue({});
  const client = (): never => {
    throw new Error('nobody has asked for it');
  };
  container.load(ecsComputeModule({ settings: someSettings, client }));

  const strategies = container.getAll<ComputeStrategy>(tokens.computeStrategy);

  expect(strategies.map(({ type }) => type)).toStrictEqual(['ecs']);
  expect(container.getAll<ComputeStrategy>(tokens.computeStrategy)[0]).toBe(strategies[0]);
});
