import { formatIso, type EventLog, type EventOwner, type NewTaskEvent, type RepoId, type UserId } from '@abca/core';
import { aTaskId, testEpochMs } from '@abca/core/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf, rejectionsOf } from './outcome-of.ts';

/** What every {@link EventLog} must do. Run from each implementation's own test file. */
export function eventLogContract(setup: {
  /** An empty log whose clock stands at `testEpochMs`. `another` gives the same one as a second process has it. */
  create(): Promise<{ readonly events: EventLog; another(): EventLog }>;
}): void {
  describe('EventLog contract', () => {
    let events: EventLog;
    let another: () => EventLog;

    beforeEach(async () => {
      ({ events, another } = await setup.create());
    });

    const owner: EventOwner = { taskId: aTaskId(1), userId: 'ann' as UserId, repo: 'acme/shop' as RepoId };
    const { taskId } = owner;
    const milestone = (name: string): NewTaskEvent => ({ eventType: 'agent_milestone', metadata: { milestone: name } });
    const named = (count: number, prefix = 'm'): NewTaskEvent[] =>
      Array.from({ length: count }, (_, n) => milestone(`${prefix}${String(n + 1)}`));
    const readAll = (limit = 1_000) => events.read({ taskId, after: 0, limit });
    const names = async (): Promise<unknown[]> => (await readAll()).map(({ metadata }) => metadata['milestone']);

    test('append() numbers events from 1 and gives back what is stored', async () => {
      const first = await events.append(owner, named(2));
      const second = await events.append(owner, [milestone('m3')]);

      expect(first[0]).toStrictEqual({
        ...owner,
        seq: 1,
        eventId: expect.any(String),
        eventType: 'agent_milestone',
        metadata: { milestone: 'm1' },
        timestamp: formatIso(testEpochMs),
      });
      expect([...first, ...second].map(({ seq }) => seq)).toStrictEqual([1, 2, 3]);
      expect(new Set([...first, ...second].map(({ eventId }) => eventId)).size).toBe(3);
      expect(await readAll()).toStrictEqual([...first, ...second]);
    });

    test('append() keeps metadata as it is, names and texts alike', async () => {
      const event = {
        eventType: 'agent_milestone',
        metadata: {
          milestone: '👩‍👩‍👧‍👦 "q"\n\u0000',
          snake_name: 1,
          camelName: { Inner_name: [true, null, 1.5, { aB_c: '' }] },
        },
      } as const satisfies NewTaskEvent;

      await events.append(owner, [event]);

      expect((await readAll())[0]?.metadata).toStrictEqual(event.metadata);
    });

    test('append() leaves metadata fields out that are undefined', async () => {
      const metadata = { tool_name: 'Bash', outcome: 'allow', matching_rule_ids: [], reason: undefined };

      await events.append(owner, [{ eventType: 'policy_decision', metadata } as unknown as NewTaskEvent]);

      expect((await readAll())[0]?.metadata).toEqual({ tool_name: 'Bash', outcome: 'allow', matching_rule_ids: [] });
    });

    test('append() of nothing writes nothing', async () => {
      expect(await events.append(owner, [])).toStrictEqual([]);
      expect(await readAll()).toStrictEqual([]);
    });

    test('append() takes 50 events at a time, and no more', async () => {
      expect(await codeOf(events.append(owner, named(51)))).toBe('VALIDATION_ERROR');
      expect(await readAll()).toStrictEqual([]);

      expect(await events.append(owner, named(50))).toHaveLength(50);
    });

    test('numbers each task by itself', async () => {
      await events.append(owner, named(2));

      const [stored] = await events.append({ ...owner, taskId: aTaskId(2) }, [milestone('other')]);

      expect(stored?.seq).toBe(1);
      expect(await names()).toStrictEqual(['m1', 'm2']);
    });

    test('sees what another writer appended, and goes on after it', async () => {
      const other = another();
      await events.append(owner, named(1, 'a'));
      await other.append(owner, named(2, 'b'));
      await events.append(owner, named(1, 'c'));
      await other.append(owner, named(1, 'd'));

      expect(await names()).toStrictEqual(['a1', 'b1', 'b2', 'c1', 'd1']);
      expect((await readAll()).map(({ seq }) => seq)).toStrictEqual([1, 2, 3, 4, 5]);
    });

    test('gives writers that race numbers without a gap, and keeps the events of an append together in order', async () => {
      const writers = [events, events, another(), another()];

      await Promise.all(
        writers.map(async (writer, w) => {
          for (let n = 0; n < 10; n += 1) await writer.append(owner, named(1 + (n % 3), `${String(w)}.${String(n)}.`));
        }),
      );

      const stored = await readAll();
      const all = await names();
      expect(stored.map(({ seq }) => seq)).toStrictEqual(stored.map((_, n) => n + 1));
      expect(new Set(all).size).toBe(4 * 19);
      for (const w of [0, 1, 2, 3]) {
        const own = Array.from({ length: 10 }, (_, n) => named(1 + (n % 3), `${String(w)}.${String(n)}.`)).flat();
        const wanted = own.map(({ metadata }) => (metadata as { milestone: string }).milestone);
        expect(all.filter((name) => String(name).startsWith(`${String(w)}.`))).toStrictEqual(wanted);
      }
      for (const [index, name] of all.entries()) {
        const part = /^(\d+\.\d+\.)([23])$/.exec(String(name));
        if (part) expect(all[index - 1]).toBe(`${part[1]!}${String(Number(part[2]) - 1)}`);
      }
    });

    test('read() gives events after a number, at most as many as asked for', async () => {
      await events.append(owner, named(5));
      const read = async (after: number, limit: number): Promise<number[]> =>
        (await events.read({ taskId, after, limit })).map(({ seq }) => seq);

      expect(await read(0, 2)).toStrictEqual([1, 2]);
      expect(await read(2, 2)).toStrictEqual([3, 4]);
      expect(await read(4, 2)).toStrictEqual([5]);
      expect(await read(5, 2)).toStrictEqual([]);
      expect(await read(99, 2)).toStrictEqual([]);
    });

    test('read() of a task without events is empty', async () => {
      expect(await events.read({ taskId: aTaskId(404), after: 0, limit: 10 })).toStrictEqual([]);
    });

    test.each([0, 1_001, 1.5, -1])('read() refuses a limit of %d', async (limit) => {
      expect(await codeOf(events.read({ taskId, after: 0, limit }))).toBe('VALIDATION_ERROR');
    });

    test('every call ends with the reason of an aborted signal and writes nothing', async () => {
      const { reason, rejections } = await rejectionsOf([
        (options) => events.append(owner, named(1), options),
        (options) => events.append(owner, [], options),
        (options) => events.read({ taskId, after: 0, limit: 1 }, options),
      ]);

      expect(rejections).toStrictEqual([reason, reason, reason]);
      expect(await readAll()).toStrictEqual([]);
    });
  });
}
