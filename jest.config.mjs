/**
 * One Jest configuration for every project; `nx test <project>` sets the root folder.
 * Tests run as native ES modules (`--experimental-vm-modules`), the module system the packages ship in, and resolve
 * workspace packages to their sources through the `@abca/source` export condition, so no build comes first.
 */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@abca/source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  // Built packages bear the names of their sources.
  modulePathIgnorePatterns: ['<rootDir>/bundle', '<rootDir>/dist'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
      },
    ],
  },
  randomize: true,
  // Tests that run at once start whole platforms: as many as CI has cores.
  maxConcurrency: 2,
  testTimeout: 20_000,
};
