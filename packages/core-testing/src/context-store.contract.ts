import { emptyContext, limits, type ContextStore, type HydratedContext } from '@abca/core';
import { aTaskId } from '@abca/core/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { rejectionsOf } from './outcome-of.ts';

/** What every {@link ContextStore} must do. Run from each implementation's own test file. */
export function contextStoreContract(setup: { create(): Promise<ContextStore> }): void {
  describe('ContextStore contract', () => {
    let contexts: ContextStore;

    beforeEach(async () => {
      contexts = await setup.create();
    });

    /** About four characters a token, many of them of four bytes: far more than one DynamoDB item. */
    const large = (mark: string): HydratedContext => ({
      title: mark,
      body: '日本語 "quoted" \n 👩‍👩‍👧‍👦 '.repeat(15_000),
      comments: [{ author: 'bob', createdAt: '2026-01-01T00:00:00Z', body: mark }],
      tokens: limits.contextTokens,
      truncated: true,
    });

    test('gives back what was put', async () => {
      await contexts.put(aTaskId(1), emptyContext);
      await contexts.put(aTaskId(2), large('a'));

      expect(await contexts.find(aTaskId(1))).toStrictEqual(emptyContext);
      expect(await contexts.find(aTaskId(2))).toStrictEqual(large('a'));
    });

    test('knows nothing of a task without one', async () => {
      expect(await contexts.find(aTaskId(404))).toBeUndefined();
    });

    test('replaces, larger by smaller too', async () => {
      await contexts.put(aTaskId(1), large('a'));
      await contexts.put(aTaskId(1), large('b'));
      const second = await contexts.find(aTaskId(1));
      await contexts.put(aTaskId(1), emptyContext);

      expect(second).toStrictEqual(large('b'));
      expect(await contexts.find(aTaskId(1))).toStrictEqual(emptyContext);
    });

    test('shows a reader whole contexts only, while they are replaced', async () => {
      await contexts.put(aTaskId(1), large('0'));
      const read: (HydratedContext | undefined)[] = [];
      let writing = true;

      const reading = (async () => {
        while (writing) read.push(await contexts.find(aTaskId(1)));
      })();
      for (const mark of ['1', '2', '3']) await contexts.put(aTaskId(1), large(mark));
      writing = false;
      await reading;

      expect(read.length).toBeGreaterThan(0);
      for (const context of read) expect(context).toStrictEqual(large(context?.title ?? ''));
    });

    test('every call ends with the reason of an aborted signal', async () => {
      const { reason, rejections } = await rejectionsOf([
        (options) => contexts.put(aTaskId(1), emptyContext, options),
        (options) => contexts.find(aTaskId(1), options),
      ]);

      expect(rejections).toStrictEqual([reason, reason]);
      expect(await contexts.find(aTaskId(1))).toBeUndefined();
    });
  });
}
