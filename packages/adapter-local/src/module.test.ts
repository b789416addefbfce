import { tokens, type ComputeStrategy } from '@abca/core';
import { expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { localComputeModule } from './module.ts';
import { systemClock } from './local-session.test-kit.ts';

test('localComputeModule() adds one strategy to those of the container', () => {
  const container = new Container();
  container.bind(tokens.clock).toConstantValue(systemClock);
  container.bind(tokens.logger).toConstantValue({});
  container.load(localComputeModule({ sessionsDir: '/sessions', command: ['agent'], pathEnv: '/bin' }));

  const strategies = container.getAll<ComputeStrategy>(tokens.computeStrategy);

  expect(strategies.map(({ type }) => type)).toStrictEqual(['local']);
  expect(container.getAll<ComputeStrategy>(tokens.computeStrategy)[0]).toBe(strategies[0]);
});
