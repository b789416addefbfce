import { basename } from 'node:path';

/** Lowest mutation score, in percent, below which a run fails. */
const breakAt = { core: 90, default: 75 };
const project = basename(process.cwd());

/**
 * One Stryker configuration for every project; `nx mutation <project>` runs it in the project's folder.
 *
 * @type {import('@stryker-mutator/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { configFile: '../../jest.config.mjs', config: { rootDir: process.cwd() } },
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
