import { describe, expect, test } from '@jest/globals';
import { normalizeArgs } from './normalize-args.ts';

describe('normalizeArgs()', () => {
  test.each([
    ['status --json 01ABC', 'status --json= 01ABC'],
    ['repo remove --json acme/shop', 'repo remove --json= acme/shop'],
    ['status 01ABC --json', 'status 01ABC --json'],
    ['list --json task_id,status', 'list --json task_id,status'],
    ['list --json --jq .', 'list --json --jq .'],
    ['submit --task --json -- --json X', 'submit --task --json -- --json X'],
  ])('%s becomes %s', (given, expected) => {
    expect(normalizeArgs(given.split(' '))).toStrictEqual(expected.split(' '));
  });
});
