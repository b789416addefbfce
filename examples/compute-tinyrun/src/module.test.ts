import { tokens, type ComputeStrategy } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { tinyRunModule } from './module.ts';

test('tinyRunModule() adds one strategy to those of the container', () => {
  const container = new Container();
  container.bind(tokens.clock).toConstantValue(new FakeClock());
  container.load(tinyRunModule({ endpoint: 'https://tinyrun.example', apiKey: 'key', program: 'agent' }));

  const strategies = container.getAll<ComputeStrategy>(tokens.computeStrategy);

  expect(strategies.map(({ type }) => type)).toStrictEqual(['tinyrun']);
  expect(container.getAll<ComputeStrategy>(tokens.computeStrategy)[0]).toBe(strategies[0]);
});
