import { describe, expect, test } from '@jest/globals';
import { blueprintSchema } from '../repo/repo-config.ts';
import { triggersSchema } from './triggers.ts';

describe('triggersSchema', () => {
  test.each([
    { runAs: 'bob' },
    { runAs: 'bob', label: 'help wanted', mention: '@a' },
    { runAs: 'b'.repeat(256), label: 'l'.repeat(50), mention: `@${'m'.repeat(39)}` },
  ])('takes %j', (triggers) => {
    expect(triggersSchema.parse(triggers)).toStrictEqual(triggers);
    expect(blueprintSchema.parse({ triggers })).toStrictEqual({ triggers });
  });

  test.each([
    [{}, 'runAs'],
    [{ runAs: '' }, 'runAs'],
    [{ runAs: 'b'.repeat(257) }, 'runAs'],
    [{ runAs: 'bob', label: ' ' }, 'label'],
    [{ runAs: 'bob', label: 'l'.repeat(51) }, 'label'],
    [{ runAs: 'bob', mention: 'abca' }, 'mention'],
    [{ runAs: 'bob', mention: '@' }, 'mention'],
    [{ runAs: 'bob', mention: '@-a' }, 'mention'],
    [{ runAs: 'bob', mention: '@a b' }, 'mention'],
    [{ runAs: 'bob', mention: '@a.*' }, 'mention'],
    [{ runAs: 'bob', mention: `@${'m'.repeat(40)}` }, 'mention'],
  ])('refuses %j for its %s', (triggers, field) => {
    const issues = triggersSchema.safeParse(triggers).error?.issues.map(({ path }) => path[0]);

    expect(issues).toStrictEqual([field]);
  });
});
