import { describe, expect, test } from '@jest/globals';
import { classifyProblem, describeProblem, type GitProblem } from './git-problem.ts';

const failed = (stderr: string): GitProblem => ({ command: 'fetch', kind: 'failed', stderr });

describe('classifyProblem()', () => {
  test.each([
    ['fatal: unable to write loose object file: No space left on device', 'disk_full'],
    ['remote: fatal: write error: No space left on device', 'other'],
    [
      "fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.",
      'not_a_repository',
    ],
    ["fatal: repository 'https://example.invalid/x/' not found", 'not_a_repository'],
    ['fatal: https://example.invalid/info/refs not valid: is this a git repository?', 'not_a_repository'],
    ["fatal: unable to access 'https://x/': Could not resolve host: x", 'unreachable'],
    ["fatal: unable to access 'https://x/': The requested URL returned error: 503", 'unreachable'],
    ["fatal: unable to access 'https://x/': The requested URL returned error: 403", 'denied'],
    ["fatal: could not read Username for 'https://x': terminal prompts disabled", 'denied'],
    ['git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'denied'],
    ['fatal: something new', 'other'],
  ])('reads %j as %s', (stderr, expected) => {
    expect(classifyProblem(failed(stderr))).toBe(expected);
  });

  test('takes a timeout for a remote that does not answer', () => {
    expect(classifyProblem({ command: 'fetch', kind: 'timed_out', stderr: '' })).toBe('unreachable');
  });
});

describe('describeProblem()', () => {
  test('gives the last lines without hints and credentials', () => {
    const text = describeProblem(failed("fatal: unable to access 'https://me:hunter2@x/y'\nhint: try again\n"));

    expect(text).toBe("git fetch failed: fatal: unable to access 'https://x/y'");
  });

  test('says something when git said nothing', () => {
    expect(describeProblem(failed(''))).toBe('git fetch failed: it said nothing');
  });
});
