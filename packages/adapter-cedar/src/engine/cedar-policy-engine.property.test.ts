import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bypasses } from './bypass-table.test-kit.ts';
import { type CedarPolicyEngine, loadCedarPolicyEngine } from './cedar-policy-engine.ts';
import { aCommand, aRequest } from './policy-request.test-kit.ts';

const tools = ['Bash', 'Write', 'Edit', 'MultiEdit', 'NotebookEdit', 'Read', 'mcp__fs__write_file', 'mcp__sh__exec'];
const fields = ['command', 'file_path', 'notebook_path', 'path', 'cmd'];
const words = [
  'rm',
  '-rf',
  '/',
  '|',
  ';',
  '&&',
  '$X',
  '$(',
  ')',
  '"',
  "'",
  '`',
  '<<EOF',
  '\n',
  'EOF',
  '>',
  '.git/x',
  '{a,',
  '}',
  'for',
  'do',
  'done',
  'in',
  'x',
  '((',
  '))',
  '[[',
  '\\',
  '~',
  '*',
  'xargs',
  'find',
  '-exec',
  'bash',
  '-c',
  '${x:-',
  '\ue000',
  '\ue003',
];

const outcome = { outcome: expect.stringMatching(/^(?:allow|deny)$/) };

describe('CedarPolicyEngine', () => {
  let engine: CedarPolicyEngine;
  beforeAll(async () => {
    engine = await loadCedarPolicyEngine();
  });

  test('decides on any JSON, without throwing', async () => {
    const input = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...fields), fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue())),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constantFrom(...tools), fc.string()), input, async (toolName, value) => {
        expect(await engine.evaluate(aRequest({ toolName, input: value }))).toMatchObject(outcome);
      }),
      { numRuns: 400 },
    );
  });

  test('decides on any text that looks like a command', async () => {
    const command = fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => parts.join(' '));
    await fc.assert(
      fc.asyncProperty(command, async (text) => {
        expect(await engine.evaluate(aCommand(text))).toMatchObject(outcome);
      }),
      { numRuns: 500 },
    );
  });

  test('denies a forbidden command whatever it is wrapped in', async () => {
    const forbidden = fc.constantFrom(
      'rm -rf /',
      'touch .git/config',
      'psql -c "drop table x"',
      ...(bypasses['drop_table'] ?? []).filter((text) => !/['\n]/.test(text)),
    );
    const wrapper = fc.constantFrom<(text: string) => string>(
      (text) => `(\n${text}\n)`,
      (text) => `{\n${text}\n}`,
      (text) => `true && ${text}`,
      (text) => `if true; then\n${text}\nfi`,
      (text) => `for i in 1 2; do\n${text}\ndone`,
      (text) => `x=$(\n${text}\n)`,
      (text) => `cat <(\n${text}\n)`,
      (text) => `f() {\n${text}\n}\nf`,
      (text) => `bash <<'END'\n${text}\nEND`,
      (text) => `eval '${text.replaceAll("'", `'\\''`)}'`,
      (text) => `bash -c '${text.replaceAll("'", `'\\''`)}'`,
      (text) => `sudo timeout 5 sh -c '${text.replaceAll("'", `'\\''`)}'`,
      (text) => `echo '${text.replaceAll("'", `'\\''`)}' | bash`,
    );
    await fc.assert(
      fc.asyncProperty(forbidden, fc.array(wrapper, { maxLength: 3 }), async (text, wrappers) => {
        const command = wrappers.reduce((inner, wrap) => wrap(inner), text);

        expect(await engine.evaluate(aCommand(command))).toMatchObject({ outcome: 'deny', tier: 'hard' });
      }),
      { numRuns: 300 },
    );
  });

  test('is quick on text that is made to be slow', async () => {
    const texts = [
      '(',
      '$(',
      '`',
      '"$(',
      'rm ',
      "'",
      'a=$a$a;',
      '{a,b}',
      '/*',
      'drop ',
      'for i in x; do ',
      'open(',
      '<<E ',
    ].map((part) => part.repeat(Math.floor(60_000 / part.length)));
    for (const text of texts) {
      const start = performance.now();
      await engine.evaluate(aCommand(text));
      await engine.evaluate(aCommand(`psql -c '${text}'`));
      await engine.evaluate(aCommand(`python -c '${text}' $X`));

      expect({ text: text.slice(0, 10), slow: performance.now() - start > 3000 }).toMatchObject({ slow: false });
    }
  });
});
