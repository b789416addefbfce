import { tokens, type ComputeStrategy } from '@abca/core';
import { expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { EagerClock, someSettings } from './ecs-world.test-kit.ts';
import { ecsComputeModule, ecsModulesOf } from './module.ts';

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

test('ecsModulesOf() adds it where the environment names a cluster, and nothing elsewhere', () => {
  const container = new Container();
  container.bind(tokens.clock).toConstantValue(new EagerClock());
  container.bind(tokens.logger).toConstantValue({});
  container.load(
    ...ecsModulesOf({
      AWS_REGION: 'us-east-1',
      ABCA_ECS_CLUSTER_ARN: someSettings.clusterArn,
      ABCA_ECS_TASK_DEFINITION: 'abca-agent',
      ABCA_ECS_CONTAINER_NAME: 'agent',
      ABCA_ECS_SUBNETS: 'subnet-1',
      ABCA_ECS_SECURITY_GROUPS: 'sg-1',
    }),
  );

  expect(container.get<ComputeStrategy>(tokens.computeStrategy).type).toBe('ecs');
  expect(ecsModulesOf({ AWS_REGION: 'us-east-1' })).toStrictEqual([]);
});
