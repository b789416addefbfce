import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { remoteOf } from '../commands/find-remote.ts';
import { makeDemoRepo } from '../demo/make-demo-repo.ts';
import { runGit } from '../demo/run-git.ts';
import { aReceipt } from '../fake-api.test-kit.ts';
import { lookCommand } from './look-command.ts';
import { shellCommand } from './shell-quote.ts';

const env = { PATH: process.env['PATH'] };
const branch = "abca/x/it's-$HOME";
let folder: string;
let repo: string;

beforeAll(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'abca-look-')), "a folder's $(name)");
  mkdirSync(folder);
  repo = (await makeDemoRepo(folder, env)).path;
  const commit = [
    `commit refs/heads/${branch}`,
    'committer x <x@x> 1767225601 +0000',
    'data 3',
    'fix',
    'from refs/heads/main',
    'M 100644 inline new.txt',
    'data 4',
    'new',
    '',
    '',
  ];
  await runGit(['fast-import', '--quiet'], { cwd: repo, env, input: commit.join('\n') });
});
afterAll(() => {
  rmSync(join(folder, '..'), { recursive: true });
});

function paste(command: string, cwd = '/'): string {
  return execFileSync('sh', ['-c', command], {
    cwd,
    env: { ...env, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

describe('lookCommand()', () => {
  const receipt = aReceipt({ branch, base_branch: 'main' });

  test('shows the change of a bare repository when pasted, whatever its path', () => {
    const command = lookCommand(receipt, remoteOf(repo))!;

    expect(command).toContain('git ');
    expect(command).toContain('--git-dir=');
    expect(paste(command)).toContain('+new');
  });

  test('shows the change in a folder with a working copy when pasted', async () => {
    const clone = join(folder, 'clone');
    await runGit(['clone', '--quiet', repo, clone], { cwd: folder, env });
    await runGit(['branch', branch, `origin/${branch}`], { cwd: clone, env });

    expect(paste(lookCommand(receipt, remoteOf(clone))!)).toContain('+new');
  });

  test('fetches from a remote elsewhere when pasted in a clone', async () => {
    const clone = join(folder, 'other');
    await runGit(['clone', '--quiet', '--single-branch', repo, clone], { cwd: folder, env });
    const { base_sha: _, ...rest } = receipt;

    expect(paste(lookCommand({ ...rest }, { kind: 'url', url: repo })!, clone)).toContain('+new');
  });

  test('looks at the saved work of a task that did not deliver', () => {
    const saved = aReceipt({ outcome: 'work_saved', wip_ref: 'refs/abca/1/wip' });

    expect(lookCommand(saved, { kind: 'bare', path: '/r.git' })).toBe(
      'git --git-dir=/r.git diff main...refs/abca/1/wip',
    );
  });
});

describe('shellCommand()', () => {
  test('gives a shell back exactly the words it was given', () => {
    const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    const awkward = fc.oneof(
      word,
      fc.constantFrom("'", "''", '"$HOME"', '`id`', '$(id)', '\\', '\n', '-n', '*', '~', '🎉', ''),
    );
    fc.assert(
      fc.property(fc.array(awkward, { minLength: 1, maxLength: 5 }), (words) => {
        const output = paste(shellCommand(['printf', String.raw`%s\0`, ...words]));
        expect(output.split('\0').slice(0, -1)).toStrictEqual(words);
      }),
      { numRuns: 40 },
    );
  });
});
