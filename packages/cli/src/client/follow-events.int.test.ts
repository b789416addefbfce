import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FakeApi, fakeTaskId } from '../fake-api.test-kit.ts';
import { followEvents } from './follow-events.ts';

let api: FakeApi;
const taskId = fakeTaskId(1);
const waits: number[] = [];
const io = {
  sleep: (ms: number) => {
    waits.push(ms);
    return new Promise<void>((resolve) => setImmediate(resolve));
  },
};

beforeEach(async () => {
  api = await FakeApi.start();
  api.addTask();
  waits.length = 0;
});
afterEach(() => api.close());

const connection = () => ({ url: api.url, token: api.token, source: 'test' });

async function collect(after = 0, signal = new AbortController().signal): Promise<number[]> {
  const seqs: number[] = [];
  const isOver = async () => Promise.resolve(api.tasks.get(taskId)?.status !== 'RUNNING');
  for await (const event of followEvents(taskId, { connect: connection, after, isOver, signal, io }))
    seqs.push(event.seq);
  return seqs;
}

function fill(count: number): void {
  for (let index = 1; index < count; index += 1)
    api.append(taskId, 'agent_turn', { text_preview: `Grüße 🎉 ${String(index)}` });
  api.finish(taskId, { status: 'COMPLETED' }, 'task_completed', {});
}

describe('followEvents()', () => {
  test('gives every event once and in order through 200 cuts at random places', async () => {
    const [seed] = fc.sample(fc.integer(), 1) as [number];
    const places = fc.sample(fc.integer({ min: 1, max: 900 }), { numRuns: 200, seed });
    api.chunkBytes = 97;
    fill(600);
    let cuts = 0;
    api.cutStreams(() => {
      cuts += 1;
      return places[cuts - 1];
    });

    const seqs = await collect();

    expect({ seed, seqs }).toStrictEqual({ seed, seqs: Array.from({ length: 600 }, (_, index) => index + 1) });
    expect(cuts).toBeGreaterThanOrEqual(200);
  });

  test('follows a log that grows, and ends with its task', async () => {
    const seen = collect();
    api.append(taskId, 'task_created', {});
    api.append(taskId, 'admission_granted', {});
    fill(2);

    expect(await seen).toStrictEqual([1, 2, 3, 4]);
  });

  test('drops events that a server repeats', async () => {
    fill(5);

    expect(await collect(3)).toStrictEqual([4, 5]);
    const last = api.requests.at(-1)!;
    expect(last.headers['last-event-id']).toBe('3');
  });

  test('ends when the task has ended before the place it starts from', async () => {
    fill(5);

    expect(await collect(5)).toStrictEqual([]);
  });

  test('waits as long as a busy platform asks for', async () => {
    fill(2);
    api.failNext(503, { retryAfterS: 3, times: 2 });

    expect(await collect()).toStrictEqual([1, 2]);
    expect(waits).toStrictEqual([3_000, 3_000]);
  });

  test('goes on through any number of failures, with growing waits', async () => {
    fill(2);
    api.failNext(500, { code: 'INTERNAL_ERROR', times: 9 });

    expect(await collect()).toStrictEqual([1, 2]);
    expect(waits).toStrictEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  test.each([
    [401, 'UNAUTHORIZED'],
    [404, 'TASK_NOT_FOUND'],
  ])('believes a first %d at once', async (status, code) => {
    api.failNext(status, { code, times: 10 });

    await expect(collect()).rejects.toMatchObject({ code });
    expect(api.requests).toHaveLength(1);
  });

  test('asks a platform that was there three times before it believes a refusal', async () => {
    api.append(taskId, 'task_created', {});
    let streams = 0;
    api.cutStreams(() => {
      streams += 1;
      if (streams === 1) api.failNext(401, { code: 'UNAUTHORIZED', times: 10 });
      return 600;
    });
    api.append(taskId, 'agent_turn', { text_preview: 'x'.repeat(600) });

    await expect(collect()).rejects.toMatchObject({ code: 'UNAUTHORIZED', exitCode: 4 });
    expect(api.requests).toHaveLength(1 + 3);
  });

  test('ends without an error when its signal is aborted', async () => {
    api.append(taskId, 'task_created', {});
    const controller = new AbortController();
    const seqs: number[] = [];
    const options = {
      connect: connection,
      after: 0,
      isOver: () => Promise.resolve(false),
      signal: controller.signal,
      io,
    };

    for await (const event of followEvents(taskId, options)) {
      seqs.push(event.seq);
      controller.abort();
    }

    expect(seqs).toStrictEqual([1]);
  });
});
