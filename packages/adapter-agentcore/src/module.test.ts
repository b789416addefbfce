import { tokens, type ComputeStrategy } from '@abca/core';
import { fakeRuntimeArn } from '@abca/core-testing/fakes/agentcore';
import { CapturingLogger } from '@abca/core/testing';
import { expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { anInput, createAgentCoreWorld, handle, TriesClock } from './agentcore-world.test-kit.ts';
import { agentCoreComputeModule, agentCoreModulesOf } from './module.ts';

test('agentCoreComputeModule() adds one strategy to those of the container, and makes no client for it', () => {
  const container = new Container();
  container.bind(tokens.clock).toConstantValue(new TriesClock());
  container.bind(tokens.logger).toConstantValue(new CapturingLogger());
  container.load(agentCoreComputeModule({ client: unused }));

  const strategies = container.getAll<ComputeStrategy>(tokens.computeStrategy);

  expect(strategies.map(({ type }) => type)).toStrictEqual(['agentcore']);
  expect(container.getAll<ComputeStrategy>(tokens.computeStrategy)[0]).toBe(strategies[0]);
});

test('what it adds works by the options of the module, and the clock and the logger of the container', async () => {
  const world = await createAgentCoreWorld();
  const container = new Container();
  container.bind(tokens.clock).toConstantValue(world.clock);
  container.bind(tokens.logger).toConstantValue(world.logger);
  container.load(agentCoreComputeModule({ client: world.client, defaultRuntimeArn: fakeRuntimeArn }));
  world.fake.failNext('invoke', 'ThrottlingException');

  const started = await container.get<ComputeStrategy>(tokens.computeStrategy).startSession(anInput());

  expect(started).toStrictEqual(handle);
  expect(world.clock.delays).toStrictEqual([1_000]);
  expect(world.logger.lines.map(({ level }) => level)).toStrictEqual(['warn', 'debug']);
  await world.close();
});

test('agentCoreModulesOf() adds it where the environment names a runtime, and nothing elsewhere', () => {
  const container = new Container();
  container.bind(tokens.clock).toConstantValue(new TriesClock());
  container.bind(tokens.logger).toConstantValue(new CapturingLogger());
  container.load(...agentCoreModulesOf({ AWS_REGION: 'us-east-1', ABCA_AGENTCORE_RUNTIME_ARN: fakeRuntimeArn }));

  expect(container.get<ComputeStrategy>(tokens.computeStrategy).type).toBe('agentcore');
  expect(agentCoreModulesOf({ AWS_REGION: 'us-east-1' })).toStrictEqual([]);
});

function unused(): never {
  throw new Error('nothing was asked of it yet');
}
