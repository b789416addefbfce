import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { inFiles, joinPolicies, readPolicyFiles, toProblem, type PolicyFile } from './policy-texts.ts';

const files: readonly PolicyFile[] = [
  { name: 'a.cedar', tier: 'soft', text: '1\n2' },
  { name: 'hard.cedar', tier: 'hard', text: '1\n' },
  { name: 'b.cedar', tier: 'soft', text: '1\n2\n3\n' },
];
const io = (stdin: string): Parameters<typeof readPolicyFiles>[1] => ({
  cwd: '/',
  stdin: Readable.from([Buffer.from(stdin)]),
});

describe('joinPolicies()', () => {
  test('makes one text of each tier', () => {
    expect(joinPolicies(files)).toStrictEqual({ hard: '1\n', soft: '1\n2\n1\n2\n3\n' });
    expect(joinPolicies([])).toStrictEqual({});
  });
});

describe('inFiles() and toProblem()', () => {
  test.each([
    [
      'operator soft policies, rule x, line 2: it is wrong; do it right',
      'a.cedar, rule x, line 2: it is wrong; do it right',
    ],
    [
      'operator soft policies, line 3: taken by operator hard policies, line 1',
      'b.cedar, line 1: taken by hard.cedar, line 1',
    ],
    ['operator hard policies: something', 'hard.cedar: something'],
    ['operator soft policies: something', 'operator soft policies: something'],
    ['operator policies: too long', 'operator policies: too long'],
    ['operator soft policies, line 9: beyond', 'operator soft policies, line 9: beyond'],
  ])('%s', (said, meant) => {
    expect(inFiles(said, files)).toBe(meant);
  });

  test.each([
    [
      'operator soft policies, rule x, line 5: it is wrong; do it right',
      { file: 'b.cedar', line: 3, rule_id: 'x', message: 'it is wrong', remedy: 'do it right' },
    ],
    ['operator soft policies, line 1: unexpected token', { file: 'a.cedar', line: 1, message: 'unexpected token' }],
    [
      'disable: there is no rule x; soft rules are: y',
      { message: 'disable: there is no rule x', remedy: 'soft rules are: y' },
    ],
  ])('%s, in its parts', (said, problem) => {
    expect(toProblem(said, files)).toStrictEqual(problem);
  });
});

describe('readPolicyFiles()', () => {
  test.each([
    ['@tier("hard")\nforbid', undefined, 'hard'],
    ['  @tier( "soft" )\nforbid', undefined, 'soft'],
    ['// @tier("soft") is\n@tier("hard")', undefined, 'hard'],
    ['forbid', 'soft', 'soft'],
  ] as const)('%j with %j is %s', async (text, tier, expected) => {
    const [file] = await readPolicyFiles(['-'], io(text), tier);

    expect(file).toStrictEqual({ name: '-', text, tier: expected });
  });

  test.each([
    ['forbid', '- says no tier'],
    ['@tier("hard")\n@tier("soft")', '- has rules of both tiers'],
  ])('refuses %j', async (text, message) => {
    await expect(readPolicyFiles(['-'], io(text))).rejects.toThrow(message);
  });
});
