import { describe, expect, test } from '@jest/globals';
import { readConversation } from './conversation.ts';
import { interpret, type Reply } from './interpret.ts';
import { aRequest, toolResults, user } from './messages.test-kit.ts';
import { repairScript } from './repair-script.ts';
import { parseScript, type ScriptInput } from './script-schema.ts';

const bash = (command: string): { tools: { name: string; input: { command: string } }[] } => ({
  tools: [{ name: 'Bash', input: { command } }],
});

function ask(script: ScriptInput, messages: readonly unknown[], struck = 0, extra = {}): ReturnType<typeof interpret> {
  return interpret(parseScript(script), readConversation(aRequest(messages, extra)), struck);
}

function reply(script: ScriptInput, messages: readonly unknown[]): Reply {
  const result = ask(script, messages);
  if (result.kind !== 'reply') throw new Error(JSON.stringify(result));
  return result;
}

const texts = ({ blocks }: Reply): string[] => blocks.flatMap((block) => (block.type === 'text' ? [block.text] : []));

describe('interpret()', () => {
  test('answers turn n with step n and ends politely after the last', () => {
    const script = { turns: [{ text: 'one', ...bash('ls') }, { text: 'two' }] };

    const first = reply(script, [user('go')]);
    const history = [user('go'), ...toolResults(first, 'out')];
    const second = reply(script, history);
    const third = reply(script, [...history, { role: 'assistant', content: 'two' }, user('more')]);

    expect([first.stopReason, second.stopReason]).toStrictEqual(['tool_use', 'end_turn']);
    expect([first, second, third].flatMap(texts)).toStrictEqual([
      'one',
      'two',
      'The script has ended; there is nothing more to do.',
    ]);
  });

  test('gives the same answer to the same request', () => {
    const script = { turns: [bash('ls')] };

    expect(reply(script, [user('go')])).toStrictEqual(reply(script, [user('go')]));
  });

  test('finds its place from the ids of its tool calls when the client has shortened the history', () => {
    const script = { turns: [bash('a'), bash('b'), { text: 'third' }] };
    const first = reply(script, [user('go')]);
    const second = reply(script, [user('go'), ...toolResults(first, '')]);

    const third = reply(script, [user('a summary'), ...toolResults(second, '')]);

    expect(texts(third)).toStrictEqual(['third']);
  });

  test('fills workspace, prompt, tool result and variables into texts and tool inputs, once', () => {
    const script = {
      variables: { mark: '{{prompt}}' },
      turns: [
        { tools: [{ name: 'Read', input: { file_path: '{{workspace}}/a', nested: [{ deep: '{{mark}}' }] } }] },
        { text: '{{prompt}}: {{toolResult}}' },
      ],
    };
    const first = reply(script, [user('<system-reminder>\nx</system-reminder>'), user('ignored')]);
    const second = reply(script, [user('do it'), ...toolResults(first, 'content')]);

    expect(first.blocks[0]).toMatchObject({
      input: { file_path: '/work/space/a', nested: [{ deep: '{{prompt}}' }] },
    });
    expect(texts(second)).toStrictEqual(['do it: content']);
  });

  test('complains about a name without a value and about a turn without a fitting alternative', () => {
    expect(ask({ turns: [{ text: '{{nope}}' }] }, [user('go')])).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('{{nope}}'),
    });
    expect(ask({ turns: [{ oneOf: [{ when: { promptContains: 'x' }, text: 'y' }] }] }, [user('go')])).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('no alternative of turn 1'),
    });
  });

  test.each([
    [{ toolResultContains: '3 failed' }, true],
    [{ toolResultContains: '0 failed' }, false],
    [{ toolResultLacks: 'passed' }, true],
    [{ toolResultLacks: 'failed' }, false],
    [{ toolResultMatches: '\\d failed' }, true],
    [{ toolResultMatches: '^failed' }, false],
    [{ toolResultIsError: true }, true],
    [{ toolResultIsError: false }, false],
    [{ promptContains: 'go' }, true],
    [{ promptContains: 'stay' }, false],
    [{ promptContains: 'go', toolResultContains: 'nothing of it' }, false],
  ])('takes the alternative when %j: %j', (when, expected) => {
    const script = { turns: [bash('test'), { oneOf: [{ when, text: 'yes' }, { text: 'no' }] }] };
    const first = reply(script, [user('go')]);

    const second = reply(script, [user('go'), ...toolResults(first, '3 failed', true)]);

    expect(texts(second)).toStrictEqual([expected ? 'yes' : 'no']);
  });

  test.each([
    ['without tools', { tools: [] }],
    ['for one token', { max_tokens: 1 }],
  ])('answers a request %s outside the script', (_, extra) => {
    const result = ask({ turns: [{ text: 'one' }] }, [user('go')], 0, extra);

    expect(result).toMatchObject({ kind: 'reply', blocks: [{ type: 'text', text: 'ok' }] });
  });

  test('takes its faults in order, each as often as it says, then answers', () => {
    const script: ScriptInput = {
      turns: [
        {
          text: 'at last',
          faults: [
            { kind: 'http', status: 429, times: 2 },
            { kind: 'cut', times: 1 },
          ],
        },
      ],
    };

    const kinds = [0, 1, 2, 3].map((struck) => {
      const result = ask(script, [user('go')], struck);
      return result.kind === 'fault' ? result.fault.kind : result.kind;
    });

    expect(kinds).toStrictEqual(['http', 'http', 'cut', 'reply']);
  });

  test('repeats a fault without a count for ever', () => {
    const script: ScriptInput = { turns: [{ text: 'never', faults: [{ kind: 'hang' }] }] };

    expect(ask(script, [user('go')], 1_000)).toMatchObject({ kind: 'fault', fault: { kind: 'hang' } });
  });
});

describe('parseScript()', () => {
  test.each([
    [{ turns: [] }, 'turns'],
    [{ turns: [{ txt: 'a' }] }, 'txt'],
    [{ turns: [{ when: { toolResultMatches: '(' } }] }, 'regular expression'],
    ['nonsense', 'object'],
  ])('names what is wrong in %j', (script, part) => {
    expect(() => parseScript(script)).toThrow(part);
  });
});

describe('repairScript()', () => {
  const script = repairScript({
    file: 'sum.js',
    faulty: 'return a - b;',
    fixed: 'return a + b;',
    testCommand: 'npm test',
    failureMark: 'fail 1',
    successMark: 'pass 1',
  });

  function play(results: readonly (readonly [content: string, isError: boolean])[]): Reply {
    let messages = [user('fix it')];
    for (const [content, isError] of results) {
      messages = [...messages, ...toolResults(reply(script, messages), content, isError)];
    }
    return reply(script, messages);
  }

  test('reads, tests, edits, tests again and reports the fix', () => {
    const results = [
      ['1\treturn a - b;', false],
      ['fail 1', true],
      ['edited', false],
      ['pass 1', false],
    ] as const;

    const calls = [0, 1, 2, 3].map((n) => play(results.slice(0, n)).blocks.find((block) => block.type === 'tool_use'));
    const end = play(results);

    expect(calls.map((call) => call?.name)).toStrictEqual(['Read', 'Bash', 'Edit', 'Bash']);
    expect(texts(end)).toStrictEqual(['Fixed: sum.js is corrected and the tests pass.']);
  });

  test.each([
    ['the file is another', [['something else', false]]],
    ['the read is denied', [['return a - b; is not for you', true]]],
    [
      'the test passes at once',
      [
        ['return a - b;', false],
        ['pass 1', false],
      ],
    ],
    [
      'the edit is denied',
      [
        ['return a - b;', false],
        ['fail 1', true],
        ['denied', true],
      ],
    ],
    [
      'the test still fails',
      [
        ['return a - b;', false],
        ['fail 1', true],
        ['edited', false],
        ['fail 1 pass 1', true],
      ],
    ],
  ] as const)('ends honestly when %s', (_, results) => {
    const end = play(results);

    expect(end.stopReason).toBe('end_turn');
    expect(texts(end)[0]).toContain('could not fix it');
  });
});
