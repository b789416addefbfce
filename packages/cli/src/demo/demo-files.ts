/** The small package of the demo: its discount is wrong, and its test says so. */
export const demoBug = {
  file: 'src/price.js',
  faulty: '  return cents - percent;',
  fixed: '  return Math.round(cents * (1 - percent / 100));',
} as const;

/** Plain `node --test`: no dependency, nothing to install, the same on every Node that runs ABCA. */
export const demoTestCommand = 'node --test';

/** What the demo asks the agent to do: the first part is the work, the others are things that a policy has a say in. */
export const demoTask =
  'The discount is wrong: 20 % off 50.00 must be 40.00, and npm test fails. Fix it, pin exact versions in .npmrc, and put the currency of the tests, EUR, into .env.test.';

/** What the person permits in advance with the task: a rule asks about this file else, as it may hold credentials. */
export const demoPreApprovals = ['write_path:.npmrc'] as const;

/** A file that a rule asks a person about. */
export const demoAskedFile = { file: '.env.test', content: 'CURRENCY=EUR\n' } as const;

/** A file that a rule asks about too, and that was permitted with the task. */
export const demoPermittedFile = { file: '.npmrc', content: 'save-exact=true\n' } as const;

/** What no approval allows: git's own files are changed by git alone. */
export const demoForbiddenCommand = 'rm -f .git/index.lock';

const manifest = {
  name: 'price-tag',
  version: '1.0.0',
  private: true,
  type: 'module',
  scripts: { test: demoTestCommand },
};

/** The files of the demo repository by path. */
export const demoFiles: Readonly<Record<string, string>> = {
  'README.md': '# price-tag\n\nPrices in cents, with a discount. `npm test` runs the tests.\n',
  'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
  [demoBug.file]: `/** The price in cents after a discount of \`percent\`. */
export function discounted(cents, percent) {
${demoBug.faulty}
}

/** \`1999\` as \`19.99\`. */
export function format(cents) {
  return (cents / 100).toFixed(2);
}
`,
  'test/price.test.js': `import assert from 'node:assert/strict';
import test from 'node:test';
import { discounted, format } from '../src/price.js';

test('takes a fifth off', () => {
  assert.equal(format(discounted(5000, 20)), '40.00');
});

test('leaves a price without discount as it is', () => {
  assert.equal(format(discounted(1999, 0)), '19.99');
});
`,
};
