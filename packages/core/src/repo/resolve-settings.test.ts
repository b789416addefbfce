import { describe, expect, test } from '@jest/globals';
import { aRepoConfig, aTask } from '../testing/builders.ts';
import type { Task } from '../task/task.ts';
import type { Blueprint } from './repo-config.ts';
import { blueprintSchema, repoConfigSchema, repoIdSchema } from './repo-config.ts';
import { platformDefaults, resolveSettings } from './resolve-settings.ts';
import type { TaskSettings } from './task-settings.ts';

const defaults = platformDefaults('local');

function resolve(blueprint: Blueprint, task: Partial<Task> = {}): TaskSettings {
  return resolveSettings(defaults, aRepoConfig({ blueprint }), aTask(task));
}

describe('platformDefaults()', () => {
  test('are the limits', () => {
    expect(platformDefaults('ecs')).toStrictEqual({
      computeType: 'ecs',
      maxTurns: 100,
      maxBudgetUsd: 10,
      approvalGateCap: 50,
      approvalTimeoutS: 300,
    });
  });
});

describe('resolveSettings()', () => {
  test('takes the platform where nobody says otherwise', () => {
    expect(resolve({})).toStrictEqual({
      computeType: 'local',
      compute: {},
      cloneUrl: '/repos/shop.git',
      forge: 'git',
      protectedBranches: [],
      maxTurns: 100,
      maxBudgetUsd: 10,
      approvalGateCap: 50,
      approvalTimeoutS: 300,
    });
  });

  test('the blueprint beats the platform', () => {
    const blueprint = {
      compute: { type: 'ecs', cpu: 4 },
      maxTurns: 7,
      maxBudgetUsd: 3,
      security: { approvalGateCap: 5, cedarPolicies: { disable: ['write_env_files'] } },
      protectedBranches: ['main'],
      pullRequest: { draft: true },
    };

    expect(resolve(blueprint)).toMatchObject({
      computeType: 'ecs',
      compute: { cpu: 4 },
      maxTurns: 7,
      maxBudgetUsd: 3,
      approvalGateCap: 5,
      cedarPolicies: { disable: ['write_env_files'] },
      protectedBranches: ['main'],
      pullRequest: { draft: true },
    });
  });

  test('the task beats the blueprint', () => {
    const own = { maxTurns: 2, maxBudgetUsd: 1, approvalGateCap: 4, approvalTimeoutS: 60 };

    expect(resolve({ maxTurns: 7, maxBudgetUsd: 3, security: { approvalGateCap: 5 } }, own)).toMatchObject(own);
  });

  test('the base branch is that of the task, else of the repository, else not named', () => {
    const repo = aRepoConfig({ defaultBranch: 'trunk' });

    expect(resolveSettings(defaults, repo, aTask({ baseBranch: 'dev' })).baseBranch).toBe('dev');
    expect(resolveSettings(defaults, repo, aTask()).baseBranch).toBe('trunk');
    expect(Object.keys(resolve({}))).not.toContain('baseBranch');
  });
});

describe('repoIdSchema', () => {
  test.each(['acme/shop', 'a/b', '0/_', `${'a'.repeat(100)}/${'b'.repeat(100)}`, 'A.b-c_d/E.f-g_h'])(
    'takes %j',
    (repo) => {
      expect(repoIdSchema.parse(repo)).toBe(repo);
    },
  );

  test.each([
    'shop',
    '/shop',
    'acme/',
    'a/b/c',
    ' a/b',
    'a/b ',
    '-a/b',
    '.a/b',
    'a b/c',
    `${'a'.repeat(101)}/b`,
    `a/${'b'.repeat(101)}`,
  ])('refuses %j and says how to write it', (repo) => {
    expect(repoIdSchema.safeParse(repo).error?.issues[0]?.message).toBe('must be owner/name, such as acme/shop');
  });
});

describe('repoConfigSchema', () => {
  test('reads a repository with what its blueprint may hold', () => {
    const compute = { type: 'local', more: { deep: 1 } };
    const config = aRepoConfig({ blueprint: { compute, maxTurns: 500, protectedBranches: ['main'] } });

    expect(repoConfigSchema.parse(config)).toStrictEqual(config);
  });

  test('reads a removed one, and one on GitHub', () => {
    const config = aRepoConfig({ status: 'removed', forge: 'github' });

    expect(repoConfigSchema.parse(config)).toStrictEqual(config);
  });

  test.each([
    [{ status: 'gone' }],
    [{ forge: 'svn' }],
    [{ cloneUrl: '' }],
    [{ defaultBranch: '' }],
    [{ createdAt: 'x' }],
    [{ updatedAt: 'x' }],
    [{ repo: 'shop' }],
    [{ blueprint: undefined }],
  ])('refuses %j', (fields) => {
    expect(repoConfigSchema.safeParse({ ...aRepoConfig(), ...fields }).success).toBe(false);
  });

  test.each([
    ['maxTurns', 1, 0],
    ['maxTurns', 500, 501],
    ['maxTurns', 2, 2.5],
    ['maxBudgetUsd', 0.01, 0],
    ['maxBudgetUsd', 100, 101],
    ['security', {}, { cedarPolicy: {} }],
    ['protectedBranches', ['main'], ['']],
    ['compute', { type: 'x' }, { type: '' }],
    ['compute', { type: 'x' }, {}],
  ])('blueprint %s: takes %j and refuses %j', (field, good, bad) => {
    expect(blueprintSchema.safeParse({ [field]: good }).success).toBe(true);
    expect(blueprintSchema.safeParse({ [field]: bad }).success).toBe(false);
  });
});
