import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { TerminalPrompt } from './terminal-prompt.ts';

const listening = 300;
let keys: PassThrough;
let shown: string;
let interrupts: number;
let prompt: TerminalPrompt;
let gone: AbortController;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  keys = new PassThrough();
  const output = Object.assign(new PassThrough(), { columns: 40 });
  shown = '';
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  interrupts = 0;
  gone = new AbortController();
  prompt = new TerminalPrompt({
    input: keys,
    output,
    interrupt: () => {
      interrupts += 1;
    },
  });
});
afterEach(() => {
  prompt.close();
  jest.useRealTimers();
});

/** Keys go through two streams before they are read. */
async function press(text: string): Promise<void> {
  keys.write(text);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
const ask = (label: () => string | undefined = () => 'Well? '): Promise<string | undefined> =>
  prompt.ask({ label, signal: gone.signal });

describe('TerminalPrompt', () => {
  test('gives the line that was typed', async () => {
    const line = ask();
    jest.advanceTimersByTime(listening);
    await press('yes\r');

    expect(await line).toBe('yes');
    expect(shown).toContain('Well? ');
  });

  test('takes no answer that was typed before the question could be read', async () => {
    const line = ask();
    await press('y\ry');
    jest.advanceTimersByTime(listening);
    await press('n\r');

    expect(await line).toBe('n');
  });

  test('takes the question away, with what was typed of an answer', async () => {
    const line = ask();
    jest.advanceTimersByTime(listening);
    await press('ye');
    shown = '';

    gone.abort();

    expect(await line).toBeUndefined();
    expect(shown).toBe('\u001b[1G\u001b[0J');
    await press('s');
    expect(shown).toBe('\u001b[1G\u001b[0J');
  });

  test('counts down, keeps what was typed, and is over by itself', async () => {
    let left = 3;
    const line = ask(() => (left > 0 ? `${String(left)}s ` : undefined));
    jest.advanceTimersByTime(listening);
    await press('ye');
    left = 2;
    shown = '';

    jest.advanceTimersByTime(1_000);
    expect(shown).toContain('2s ye');
    left = 0;
    jest.advanceTimersByTime(1_000);

    expect(await line).toBeUndefined();
  });

  test('makes room for a line above it, also when what is typed fills several rows', async () => {
    void ask();
    jest.advanceTimersByTime(listening);
    await press('x'.repeat(60));
    shown = '';

    prompt.hide();
    expect(shown).toBe('\u001b[1G\u001b[1A\u001b[0J');
    shown = '';
    prompt.show();

    expect(shown).toBe(`\u001b[1G\u001b[0JWell? ${'x'.repeat(60)}\u001b[27G`);
  });

  test('hands Ctrl-C on, and takes Ctrl-D for nothing to say', async () => {
    const line = ask();
    jest.advanceTimersByTime(listening);
    await press('\u0003');
    expect(interrupts).toBe(1);

    await press('\u0004');

    expect(await line).toBe('');
    expect(await ask()).toBeUndefined();
  });

  test('asks nothing that is over already', async () => {
    gone.abort();

    expect(await ask()).toBeUndefined();
    expect(shown).toBe('');
  });
});
