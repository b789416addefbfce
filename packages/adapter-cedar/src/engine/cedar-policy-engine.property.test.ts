import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyEngine } from '@abca/core';
import { aCommand, aRequest, idsOf, loadEngine, outcomeOf } from './policy-request.test-kit.ts';
import { asked, askedExactly, denied, ordinary, protectedBranches } from './tables/index.test-kit.ts';

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

const findings = { kind: expect.stringMatching(/^(?:judged|failed)$/) };

describe('CedarPolicyEngine', () => {
  let engine: PolicyEngine;
  beforeAll(async () => {
    engine = await loadEngine();
  });

  test('judges any JSON, without throwing', async () => {
    const input = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...fields), fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue())),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constantFrom(...tools), fc.string()), input, async (toolName, value) => {
        expect(await engine.judge(aRequest({ toolName, input: value }))).toMatchObject(findings);
      }),
      { numRuns: 400 },
    );
  });

  test('judges any text that looks like a command', async () => {
    const command = fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => parts.join(' '));
    await fc.assert(
      fc.asyncProperty(command, async (text) => {
        expect(await engine.judge(aCommand(text))).toMatchObject(findings);
      }),
      { numRuns: 500 },
    );
  });

  test('denies a forbidden command whatever it is wrapped in', async () => {
    const forbidden = fc.constantFrom(
      'rm -rf /',
      'touch .git/config',
      'psql -c "drop table x"',
      ...(denied['drop_table'] ?? []).filter((text) => !/['\n]/.test(text)),
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

        expect(outcomeOf(await engine.judge(aCommand(command)))).toMatchObject({ decision: 'deny' });
      }),
      { numRuns: 300 },
    );
  });

  // What one part of a list, a pipe or a shell within a shell is asked about, the whole is asked about too.
  test('loses no rule that matches when commands are put together', async () => {
    const single = [denied, askedExactly, asked].flatMap((table) => Object.values(table).flat());
    const plain = single.filter((text) => !/[\n\r]|<<|[&;]$|^cd |^coproc|^! |unclosed|^if then|^for do/.test(text));
    const combine = fc.constantFrom<(left: string, right: string) => string>(
      (left, right) => `${left}; ${right}`,
      (left, right) => `${left} && ${right}`,
      (left, right) => `${left} || ${right}`,
      (left, right) => `{ ${left}\n} | { ${right}\n}`,
      (left, right) => `${left}\n${right}`,
      (left, right) => `(${left}); sh -c '${right.replaceAll("'", `'\\''`)}'`,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...plain),
        fc.constantFrom(...ordinary),
        fc.boolean(),
        combine,
        async (bad, good, isFirst, put) => {
          const whole = isFirst ? put(bad, good) : put('ls -la', bad);
          const alone = outcomeOf(await engine.judge(aCommand(bad, { protectedBranches })));

          const together = outcomeOf(await engine.judge(aCommand(whole, { protectedBranches })));

          expect({ whole, ids: together.ids }).toStrictEqual({ whole, ids: expect.arrayContaining([...alone.ids]) });
        },
      ),
      { numRuns: 600 },
    );
  });

  // L12: past ten policies, ids by position name other rules.
  test('names rules by their ids, however many there are and in whatever order', async () => {
    const count = 25;
    const rule = (index: number): string =>
      `@rule_id("r${String(index)}") @tier("soft") forbid (principal, action == Agent::Action::"execute_bash", resource) when { context.shell.programs.contains("tool${String(index)}") };`;
    const indices = Array.from({ length: count }, (_, index) => index);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(indices, { minLength: 11 }),
        fc.uniqueArray(fc.nat({ max: count - 1 }), { minLength: 1, maxLength: 5 }),
        async (order, tools) => {
          const many = await loadEngine({ soft: order.map(rule).join('\n') });

          const answer = await many.judge(aCommand(tools.map((tool) => `tool${String(tool)}`).join(' | ')));

          const expected = tools.filter((tool) => order.includes(tool)).map((tool) => `r${String(tool)}`);
          expect(idsOf(answer, 'soft')).toStrictEqual(expected.sort());
        },
      ),
      { numRuns: 30 },
    );
  });

  test('remembers no verdict wrongly: a warm engine answers as a fresh one', async () => {
    const commands = [denied, askedExactly, asked].flatMap((table) => Object.values(table).flat());
    const call = fc.record({
      command: fc.constantFrom(...commands, ...ordinary),
      readOnly: fc.boolean(),
      branches: fc.constantFrom([], ['develop'], ['my-branch']),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 4 }), async (calls) => {
        const fresh = await loadEngine();
        for (const { command, readOnly, branches } of calls) {
          const request = aCommand(command, { readOnly, protectedBranches: branches });

          expect(await engine.judge(request)).toStrictEqual(await fresh.judge(request));
        }
      }),
      { numRuns: 100 },
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
      await engine.judge(aCommand(text));
      await engine.judge(aCommand(`psql -c '${text}'`));
      await engine.judge(aCommand(`python -c '${text}' $X`));

      expect({ text: text.slice(0, 10), slow: performance.now() - start > 3000 }).toMatchObject({ slow: false });
    }
  });
});
