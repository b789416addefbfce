import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Lowest mutation score, in percent, below which a run fails. */
const breakAt = { core: 90, 'adapter-agentcore': 80, 'adapter-ecs': 80, default: 75 };
const project = basename(process.cwd());

/** Run hundreds of worlds or whole agents, and a mutant of a loop makes them run for ever. What they cover has unit tests of its own. */
const leftOut = [
  'src/use-cases/*.property.test.ts',
  'src/gate/*.property.test.ts',
  'src/gate/store-faults.test.ts',
  'src/approval/*.property.test.ts',
  'src/real-programs.int.test.ts',
];

/**
 * A test file that imports all others, for projects without module mocks. Jest loads every module anew for each test file,
 * zod among them; loaded once, a mutant takes a tenth of the time.
 *
 * @returns {string} its path, in the folder that Stryker keeps for itself
 */
function allTestsInOne() {
  const folder = join(process.cwd(), '.stryker-tmp');
  const file = join(folder, 'all.test.ts');
  const tests = globSync('src/**/*.test.ts', { exclude: leftOut }).sort();
  const imports = tests.map((test) => `import ${JSON.stringify(`../${test.replaceAll('\\', '/')}`)};`);
  // A property that fails says so at once, nobody reads the smallest counterexample of a mutant; and none takes long.
  const setup =
    "import fc from 'fast-check';\nfc.configureGlobal({ endOnFailure: true, interruptAfterTimeLimit: 500 });";
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, [setup, ...imports, ''].join('\n'));
  return file;
}

/** Projects whose tests can share one file. */
const inOne = ['core', 'adapter-agentcore', 'adapter-ecs'].includes(project);

/**
 * One Stryker configuration for every project; `nx mutation <project>` runs it in the project's folder.
 *
 * @type {import('@stryker-mutator/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    configFile: '../../jest.config.mjs',
    config: { rootDir: process.cwd(), ...(inOne && { testMatch: [allTestsInOne()] }) },
    enableFindRelatedTests: !inOne,
  },
  // The workspace's links lead out of a copied sandbox: mutants are put into the tree itself, and taken back.
  inPlace: true,
  coverageAnalysis: 'perTest',
  mutate: [
    'src/**/*.ts',
    '!src/**/*.test.ts',
    '!src/**/*.test-kit.ts',
    '!src/testing/**',
    '!src/**/index.ts',
    '!src/**/*.gen.ts',
  ],
  thresholds: { high: 95, low: 90, break: breakAt[project] ?? breakAt.default },
  reporters: ['clear-text', 'progress', 'json'],
  jsonReporter: { fileName: `../../reports/mutation/${project}.json` },
  clearTextReporter: { allowColor: false, logTests: false },
};
