import { describe, expect, test } from '@jest/globals';
import { type NewTaskEvent } from '@abca/core';
import { aTask, aTaskId } from '@abca/core/testing';
import { anApi, parseSse, token, type ApiWorld, type SseEvent } from '../api.test-kit.ts';
import { settle } from '../settle.test-kit.ts';

const path = `/v1/tasks/${aTaskId()}/events`;
const turn: NewTaskEvent = {
  eventType: 'agent_milestone',
  metadata: { milestone: 'x', camelCase: { keptAsIs: 'line\nend\n\ndata: "quoted" 🎉' } },
};
const end: NewTaskEvent = { eventType: 'task_cancelled', metadata: { by: 'ann' } };

async function aRunningTask(eventCount: number, world = anApi()): Promise<ApiWorld> {
  await world.tasks.create({ task: aTask({ status: 'RUNNING' }), events: Array(eventCount).fill(turn) });
  return world;
}

const write = (world: ApiWorld, ...events: NewTaskEvent[]): Promise<unknown> => world.events.append(aTask(), events);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
const seqs = (events: readonly SseEvent[]): number[] => events.map(({ id }) => Number(id));

function open(world: ApiWorld, headers: Record<string, string> = {}, query = ''): Promise<Response> {
  return Promise.resolve(
    world.app.request(`${path}${query}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers },
    }),
  );
}

describe('GET /v1/tasks/{id}/events as pages', () => {
  test('pages after a number until there is no more', async () => {
    const world = await aRunningTask(5);

    const first = await world.call('GET', `${path}?limit=3`);
    const second = await world.call('GET', `${path}?limit=3&after=${first.json.pagination.next_token}`);
    const beyond = await world.call('GET', `${path}?after=5`);

    expect([first, second].map(({ json }) => json.data.map(({ seq }: { seq: number }) => seq))).toStrictEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(first.json.pagination).toStrictEqual({ has_more: true, next_token: '3' });
    expect(second.json.pagination).toStrictEqual({ has_more: false });
    expect(beyond.json).toStrictEqual({ data: [], pagination: { has_more: false } });
  });

  test('leaves metadata as it was written', async () => {
    const world = await aRunningTask(1);

    const { json } = await world.call('GET', path);

    expect(json.data[0]).toStrictEqual({
      task_id: aTaskId(),
      seq: 1,
      event_id: expect.any(String),
      event_type: 'agent_milestone',
      timestamp: '2026-01-01T00:00:00.000Z',
      metadata: turn.metadata,
      repo: 'acme/shop',
    });
  });

  test.each(['after=-1', 'after=x', 'limit=0', 'limit=501', 'after=1.5', 'seq=1'])(
    'answers %s with 400',
    async (query) => {
      const world = await aRunningTask(1);

      expect((await world.call('GET', `${path}?${query}`)).status).toBe(400);
    },
  );
});

describe('GET /v1/tasks/{id}/events as a stream', () => {
  test('gives what is there and what comes, and ends after the terminal event', async () => {
    const world = await aRunningTask(2);
    const response = await open(world);
    const text = response.text();
    await settle();

    await write(world, turn);
    await settle();
    await write(world, turn, end);

    const { events, rest } = parseSse(await text);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(rest).toBe('');
    expect(seqs(events)).toStrictEqual(upTo(5));
    expect(events.map(({ event, data }) => event === data.event_type)).toStrictEqual(Array(5).fill(true));
    expect(events[2]?.data.metadata).toStrictEqual(turn.metadata);
  });

  test('resumes after Last-Event-ID, which goes before the query', async () => {
    const world = await aRunningTask(5);
    await write(world, end);

    const byHeader = await (await open(world, { 'Last-Event-ID': '4' }, '?after=1')).text();
    const byQuery = await (await open(world, {}, '?after=2')).text();

    expect(seqs(parseSse(byHeader).events)).toStrictEqual([5, 6]);
    expect(seqs(parseSse(byQuery).events)).toStrictEqual([3, 4, 5, 6]);
  });

  test('gives the whole log of a task that has ended, and ends at once when nothing is left', async () => {
    const world = anApi();
    const orphan: NewTaskEvent = {
      eventType: 'task_cancel_compute_orphan',
      metadata: { session_id: 's', message: 'm' },
    };
    await world.tasks.create({ task: aTask({ status: 'CANCELLED' }), events: [turn, end, orphan] });

    const all = await (await open(world)).text();
    const nothing = await (await open(world, { 'Last-Event-ID': '3' })).text();

    expect(seqs(parseSse(all).events)).toStrictEqual([1, 2, 3]);
    expect(parseSse(nothing).events).toStrictEqual([]);
  });

  test.each(['7', '9007199254740991', 'x', '-1', ''])('answers the Last-Event-ID %j with 400', async (id) => {
    const world = await aRunningTask(2);

    const { status, json } = await world.call('GET', path, {
      headers: { accept: 'text/event-stream', 'Last-Event-ID': id },
    });

    expect(status).toBe(400);
    expect(json.error.details.issues[0]).toMatchObject({ in: 'header', path: 'Last-Event-ID' });
  });

  test('keeps a silent stream alive with comments', async () => {
    const world = anApi({ keepAliveMs: 400 });
    await aRunningTask(0, world);
    const reader = (await open(world)).body!.pipeThrough(new TextDecoderStream()).getReader();
    await reader.read();
    const next = reader.read();
    await settle();

    await world.clock.advance(400);

    expect((await next).value).toBe(': keep-alive\n\n');
    await reader.cancel();
  });

  test('lets go of everything when the client leaves', async () => {
    const world = await aRunningTask(1);
    const reader = (await open(world)).body!.getReader();
    await reader.read();
    await reader.read();
    await settle();

    await reader.cancel();
    await settle();

    expect(world.clock.sleeping).toBe(0);
  });

  test('HEAD opens no stream', async () => {
    const world = await aRunningTask(1);

    const { status, headers } = await world.call('HEAD', path, { headers: { accept: 'text/event-stream' } });
    await settle();

    expect([status, headers.get('content-type')]).toStrictEqual([200, 'application/json']);
    expect(world.clock.sleeping).toBe(0);
  });

  test('endStreams() ends a stream cleanly, and the client resumes on the next server', async () => {
    const world = await aRunningTask(3);
    const text = open(world).then((response) => response.text());
    await settle();

    world.app.endStreams();

    expect(seqs(parseSse(await text).events)).toStrictEqual([1, 2, 3]);
    expect(parseSse(await (await open(world)).text()).events).toStrictEqual([]);
  });

  test('ends without an event when the log cannot be read', async () => {
    const world = await aRunningTask(1);
    const failing = anApi({
      tasks: world.tasks,
      events: { append: world.events.append, read: () => Promise.reject(new Error('throttled')) } as never,
    });

    const text = await (await open(failing)).text();

    expect(parseSse(text).events).toStrictEqual([]);
    expect(failing.logger.lines.map(({ level, message }) => [level, message])).toStrictEqual([
      ['warn', 'event stream interrupted'],
    ]);
  });

  test('cut two hundred times anywhere in its bytes, shows a client every event once and in order', async () => {
    const world = await aRunningTask(10);
    const client = new CutClient(world, 20_261_123);
    let written = 10;

    while (client.cuts < 200) {
      await client.readAndCut();
      if (client.cuts % 2 === 0) {
        await write(world, ...(Array(1 + (client.cuts % 7)).fill(turn) as NewTaskEvent[]));
        written += 1 + (client.cuts % 7);
      }
    }
    await write(world, end);
    await client.readToEnd();

    expect(client.cuts).toBe(200);
    expect(client.seen).toStrictEqual(upTo(written + 1));
  });
});

/** A client that takes some bytes, is cut in the middle of whatever they hold, and comes back with its last event. */
class CutClient {
  readonly seen: number[] = [];
  cuts = 0;
  readonly #world: ApiWorld;
  #random: number;

  constructor(world: ApiWorld, seed: number) {
    this.#world = world;
    this.#random = seed;
  }

  async readAndCut(): Promise<void> {
    const reader = (await this.#open()).body!.getReader();
    let rest = '';
    const budget = this.#next(1200);
    for (let taken = 0; taken < budget;) {
      const got = await Promise.race([reader.read(), settle().then(() => undefined)]);
      if (got?.value === undefined) break;
      const bytes = got.value.slice(0, budget - taken);
      taken += bytes.length;
      rest = this.#take(rest + Buffer.from(bytes).toString('latin1'));
    }
    await reader.cancel();
    this.cuts += 1;
  }

  async readToEnd(): Promise<void> {
    this.#take(await (await this.#open()).text());
  }

  #take(text: string): string {
    const { events, rest } = parseSse(text);
    this.seen.push(...seqs(events));
    return rest;
  }

  #open(): Promise<Response> {
    const last = this.seen.at(-1);
    return open(this.#world, last === undefined ? {} : { 'Last-Event-ID': String(last) });
  }

  #next(below: number): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random % below;
  }
}
