import { afterEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aRequest, user } from './messages.test-kit.ts';
import type { ScriptFault, ScriptInput } from './script-schema.ts';
import { type ScriptedModel, startScriptedModel } from './start-scripted-model.ts';

const running: ScriptedModel[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((model) => model.stop()));
});

async function start(script: ScriptInput): Promise<ScriptedModel> {
  const model = await startScriptedModel({ script });
  running.push(model);
  return model;
}

function post(
  model: ScriptedModel,
  body: unknown,
  path = '/v1/messages?beta=true',
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${model.url}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
}

/** Puts the streamed deltas together as a client does. */
function assemble(stream: string): { events: string[]; text: string; inputs: unknown[] } {
  const events = stream
    .split('\n\n')
    .filter(Boolean)
    .map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 6)));
  const parts: string[] = [];
  const text: string[] = [];
  for (const { index, delta } of events.filter(({ type }) => type === 'content_block_delta')) {
    if (delta.type === 'text_delta') text.push(delta.text);
    else parts[index] = (parts[index] ?? '') + delta.partial_json;
  }
  return {
    events: events.map(({ type }) => type),
    text: text.join(''),
    inputs: parts.filter(Boolean).map((json) => JSON.parse(json)),
  };
}

describe('startScriptedModel()', () => {
  const input = { command: `echo "${"quote ' and \\ and 🎉 ".repeat(20)}"` };
  const script: ScriptInput = { turns: [{ text: 'héllo 🎉'.repeat(30), tools: [{ name: 'Bash', input }] }] };

  test('streams texts and tool inputs that come together unchanged', async () => {
    const model = await start(script);

    const response = await post(model, aRequest([user('go')]));
    const { events, text, inputs } = assemble(await response.text());

    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(text).toBe('héllo 🎉'.repeat(30));
    expect(inputs).toStrictEqual([input]);
    expect([events[0], events.at(-2), events.at(-1)]).toStrictEqual(['message_start', 'message_delta', 'message_stop']);
  });

  test('answers whole when no stream is asked for', async () => {
    const model = await start(script);

    const body = await (await post(model, aRequest([user('go')], { stream: false }))).json();

    expect(body).toMatchObject({
      type: 'message',
      stop_reason: 'tool_use',
      content: [{ type: 'text' }, { type: 'tool_use', name: 'Bash', input }],
    });
  });

  test('counts tokens, lists models and answers 404 elsewhere', async () => {
    const model = await start(script);

    const counted = await (await post(model, { messages: [] }, '/v1/messages/count_tokens')).json();
    const models = await fetch(`${model.url}/v1/models`);
    const elsewhere = await post(model, {}, '/v1/other');

    expect(counted).toStrictEqual({ input_tokens: 4 });
    expect(models.status).toBe(200);
    expect(elsewhere.status).toBe(404);
  });

  test('answers 400 to what is no request and to what the script cannot answer', async () => {
    const model = await start({ turns: [{ text: '{{missing}}' }] });

    const answers = await Promise.all(
      ['not json', { messages: [] }, aRequest([user('go')])].map((body) => post(model, body)),
    );
    const bodies = await Promise.all(answers.map((answer) => answer.json()));

    expect(answers.map(({ status }) => status)).toStrictEqual([400, 400, 400]);
    expect(bodies[2]).toMatchObject({ error: { message: expect.stringContaining('{{missing}}') } });
  });

  test('gives each of 30 conversations at once its own faults and its own way', async () => {
    const fault: ScriptFault = { kind: 'http', status: 529, times: 1, retryAfterS: 2 };
    const model = await start({ turns: [{ text: 'for {{prompt}}', faults: [fault] }] });
    const bodies = Array.from({ length: 30 }, (_, n) =>
      aRequest([user(`p${n}`)], { metadata: { user_id: `s${n}` }, stream: false }),
    );

    const first = await Promise.all(bodies.map((body) => post(model, body)));
    const second = await Promise.all(bodies.map(async (body) => (await post(model, body)).json()));

    expect(first.map(({ status }) => status)).toStrictEqual(Array(30).fill(529));
    expect(first[0]?.headers.get('retry-after')).toBe('2');
    expect(second.map((message) => (message as { content: [{ text: string }] }).content[0].text)).toStrictEqual(
      bodies.map((_, n) => `for p${n}`),
    );
  });

  test('cuts a stream in the middle of the message', async () => {
    const model = await start({ turns: [{ text: 'x'.repeat(500), faults: [{ kind: 'cut', afterEvents: 4 }] }] });

    const response = await post(model, aRequest([user('go')]));

    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
  });

  test.each([
    ['html', /^<!doctype html>/],
    ['sse', /not json/],
    ['json', /hello/],
  ] as const)('sends garbage as %s', async (form, expected) => {
    const model = await start({ turns: [{ text: 'a', faults: [{ kind: 'garbage', form }] }] });

    const response = await post(model, aRequest([user('go')]));

    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(expected);
  });

  test('hangs after the start of the message until it is stopped', async () => {
    const model = await start({ turns: [{ text: 'a', faults: [{ kind: 'hang' }] }] });

    const response = await post(model, aRequest([user('go')]));
    const reader = response.body!.getReader();
    const first = await reader.read();
    const next = reader.read();
    await model.stop();

    expect(Buffer.from(first.value!).toString()).toContain('message_start');
    await expect(next).rejects.toThrow();
  });

  test('ends a slow answer when it is stopped', async () => {
    const model = await start({ turns: [{ text: 'a', chunkDelayMs: 60_000 }] });
    const response = await post(model, aRequest([user('go')]));

    await model.stop();

    await expect(response.text()).rejects.toThrow();
  });

  test('keeps the latest requests only', async () => {
    const model = await startScriptedModel({ script, recordLimit: 2 });
    running.push(model);

    for (const prompt of ['a', 'b', 'c']) await (await post(model, aRequest([user(prompt)]))).text();

    expect(model.requests.map(({ conversation }) => conversation?.prompt)).toStrictEqual(['b', 'c']);
  });

  test('stops with its signal', async () => {
    const abort = new AbortController();
    const model = await startScriptedModel({ script, signal: abort.signal });

    abort.abort();
    await model.stop();

    await expect(fetch(model.url)).rejects.toThrow('fetch failed');
  });

  test('reads a script file, and names the file when it is wrong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scripted-model-'));
    const [good, bad] = [join(folder, 'good.json'), join(folder, 'bad.json')];
    await writeFile(good, JSON.stringify(script));
    await writeFile(bad, '{"turns": [');

    running.push(await startScriptedModel({ scriptFile: good }));

    await expect(startScriptedModel({ scriptFile: bad })).rejects.toThrow(`script file ${bad}`);
    await expect(startScriptedModel({})).rejects.toThrow('needs a script');
    await rm(folder, { recursive: true });
  });

  test('says so when the port is taken', async () => {
    const model = await start(script);

    const port = Number(new URL(model.url).port);

    await expect(startScriptedModel({ script, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
