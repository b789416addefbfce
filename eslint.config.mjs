import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const testFiles = ['**/*.test.ts', '**/*.test-kit.ts', 'e2e/**/*.ts', 'packages/core-testing/**/*.ts'];

/** What each layer may import. Adapters meet only in an app; test kits are reached only from tests (see below). */
const layers = [
  { sourceTag: 'layer:core', onlyDependOnLibsWithTags: ['layer:core'] },
  { sourceTag: 'layer:testing', onlyDependOnLibsWithTags: ['layer:core', 'layer:testing'] },
  { sourceTag: 'layer:adapter', onlyDependOnLibsWithTags: ['layer:core'] },
  { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['layer:core', 'layer:adapter', 'layer:app'] },
  { sourceTag: 'layer:e2e', onlyDependOnLibsWithTags: ['*'] },
];

/** Which areas may know each other: an agent never learns what runs it, control never learns what the agent runs. */
const areas = [
  {
    sourceTag: 'area:agent',
    onlyDependOnLibsWithTags: ['area:shared', 'area:agent', 'area:store', 'area:policy', 'area:forge'],
  },
  {
    sourceTag: 'area:control',
    onlyDependOnLibsWithTags: [
      'area:shared',
      'area:control',
      'area:store',
      'area:compute',
      'area:forge',
      'area:policy',
      'area:notify',
    ],
  },
  { sourceTag: 'area:notify', onlyDependOnLibsWithTags: ['area:shared', 'area:notify'] },
  { sourceTag: 'area:compute', onlyDependOnLibsWithTags: ['area:shared', 'area:compute'] },
  { sourceTag: 'area:store', onlyDependOnLibsWithTags: ['area:shared', 'area:store'] },
  { sourceTag: 'area:policy', onlyDependOnLibsWithTags: ['area:shared', 'area:policy'] },
  { sourceTag: 'area:forge', onlyDependOnLibsWithTags: ['area:shared', 'area:forge'] },
  { sourceTag: 'area:shared', onlyDependOnLibsWithTags: ['area:shared'] },
];

/** Tests may also use the contract suites and start the embedded services that they run against. */
const testLayers = layers.map((rule) => ({
  ...rule,
  onlyDependOnLibsWithTags: [
    ...rule.onlyDependOnLibsWithTags,
    'layer:testing',
    ...(rule.sourceTag === 'layer:core' ? [] : ['layer:adapter']),
  ],
}));

const boundaries = (depConstraints) => ['error', { allow: [], enforceBuildableLibDependency: false, depConstraints }];

export default tseslint.config(
  { ignores: ['**/dist', '**/bundle', '**/node_modules', '.nx', 'reports', '**/.stryker-tmp', '**/*.gen.*'] },
  js.configs.recommended,
  tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@nx/enforce-module-boundaries': boundaries([...layers, ...areas]),
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'always' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: testFiles,
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportDeclaration[source.value="zod"][importKind="value"] > ImportSpecifier[imported.name="z"]',
          message: "import * as z from 'zod': the named export takes every locale into the bundles, 0.3 MB each.",
        },
      ],
    },
  },
  {
    files: ['packages/core/src/**/*.ts'],
    ignores: testFiles,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(node:|@aws-sdk|aws-cdk-lib|inversify|@jest)',
              message: 'core is pure: take it as a parameter or a port.',
            },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch', 'Buffer'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'use the Clock port.' },
        { object: 'Math', property: 'random', message: 'use the IdGenerator port.' },
      ],
    },
  },
  {
    files: testFiles,
    rules: {
      '@nx/enforce-module-boundaries': boundaries([
        ...testLayers,
        ...areas.map((rule) => ({
          ...rule,
          onlyDependOnLibsWithTags: [...rule.onlyDependOnLibsWithTags, 'area:local', 'area:store'],
        })),
      ]),
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      // A table of cases has as many parameters as columns.
      'max-params': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  prettier,
);
