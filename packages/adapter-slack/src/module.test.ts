import { tokens, type Notifier } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { slackModule } from './module.ts';

test('slackModule() adds one notifier to those of the container', () => {
  const container = new Container();
  container.bind(tokens.clock).toConstantValue(new FakeClock());
  container.bind(tokens.notifier).toConstantValue({ channel: 'email', deliver: () => Promise.reject(new Error('no')) });
  container.load(slackModule({ botToken: 'xoxb-1' }));

  const notifiers = container.getAll<Notifier>(tokens.notifier);

  expect(notifiers.map(({ channel }) => channel)).toStrictEqual(['email', 'slack']);
  expect(container.getAll<Notifier>(tokens.notifier)[1]).toBe(notifiers[1]);
});
