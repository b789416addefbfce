import { tokens, type Notifier } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { RecordingTransport } from './email-world.test-kit.ts';
import { emailModule } from './module.ts';

test('emailModule() adds one notifier to those of the container', () => {
  const container = new Container();
  container.bind(tokens.clock).toConstantValue(new FakeClock());
  container.load(emailModule({ transport: new RecordingTransport() }));

  const notifiers = container.getAll<Notifier>(tokens.notifier);

  expect(notifiers.map(({ channel }) => channel)).toStrictEqual(['email']);
  expect(container.getAll<Notifier>(tokens.notifier)[0]).toBe(notifiers[0]);
});
