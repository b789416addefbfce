import { aTaskId } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { ChangeBoard } from './change-board.ts';

const never = new AbortController().signal;

/** Whether a wait is over already. */
async function isTold(board: ChangeBoard, n: number, mark: string): Promise<boolean> {
  const over = new AbortController();
  let told = false;
  const waiting = board.changed(aTaskId(n), mark, over.signal).then(() => (told = !over.signal.aborted));
  await new Promise((resolve) => setImmediate(resolve));
  over.abort();
  await waiting;
  return told;
}

describe('ChangeBoard', () => {
  test('tells every waiter of a task, and only those', async () => {
    const board = new ChangeBoard('e');
    const { mark } = board;
    const both = Promise.all([board.changed(aTaskId(1), mark, never), board.changed(aTaskId(1), mark, never)]);

    board.notify(aTaskId(1));

    await both;
    expect(await isTold(board, 2, mark)).toBe(false);
    expect(await isTold(board, 1, mark)).toBe(true);
    expect(await isTold(board, 1, board.mark)).toBe(false);
  });

  test.each(['', 'other.0', 'e.', 'e.x', 'e.1.5', 'x'])('tells at once whoever shows the mark %j', async (mark) => {
    expect(await isTold(new ChangeBoard('e'), 1, mark)).toBe(true);
  });

  test('tells at once whoever was away for longer than it remembers', async () => {
    const board = new ChangeBoard('e');
    const { mark } = board;

    for (let n = 0; n <= 10_000; n += 1) board.notify(aTaskId(n));

    expect(await isTold(board, 20_000, mark)).toBe(true);
    expect(await isTold(board, 20_000, board.mark)).toBe(false);
  });
});
