import { describe, expect, test } from '@jest/globals';
import { aTaskId } from './builders.ts';
import { InMemorySessionSignals, InMemoryTaskExecutions } from './recording-signals.ts';
import { SequentialIds } from './sequential-ids.ts';

describe('InMemorySessionSignals', () => {
  test('delivers the first completion of a callback; later ones find nobody', async () => {
    const signals = new InMemorySessionSignals();

    expect(await signals.complete('a', { n: 1 })).toStrictEqual({ kind: 'delivered' });
    expect(await signals.complete('a', { n: 2 })).toStrictEqual({ kind: 'gone' });
    expect([...signals.completed]).toStrictEqual([['a', { n: 1 }]]);
  });

  test('takes heartbeats until the callback is completed', async () => {
    const signals = new InMemorySessionSignals();

    expect(await signals.heartbeat('a')).toStrictEqual({ kind: 'delivered' });
    await signals.complete('a', {});
    expect(await signals.heartbeat('a')).toStrictEqual({ kind: 'gone' });
    expect(signals.heartbeats).toStrictEqual(['a']);
  });
});

describe('InMemoryTaskExecutions', () => {
  test('takes a repeated start for the same execution', async () => {
    const executions = new InMemoryTaskExecutions();

    await executions.start(aTaskId(1));
    await executions.start(aTaskId(1));

    expect([...executions.started]).toStrictEqual([aTaskId(1)]);
  });
});

describe('SequentialIds', () => {
  test('makes valid ids in order, the same in every run', () => {
    const ids = new SequentialIds();
    const made = [ids.newTaskId(), ids.newTaskId(), ids.newEventId(), ids.newEventId()];

    expect(made.slice(0, 2)).toStrictEqual([aTaskId(1), aTaskId(2)]);
    expect(made.slice(2)).toStrictEqual(['01KAEVENT00000000000000001', '01KAEVENT00000000000000002']);
  });
});
