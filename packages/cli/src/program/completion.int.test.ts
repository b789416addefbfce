import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { shells } from './create-program.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** In a process of its own: the library writes to the console. */
function bgagent(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const flags = ['--conditions=@abca/source', '--disable-warning=ExperimentalWarning'];
  return spawnSync(process.execPath, [...flags, main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nowhere' },
    encoding: 'utf8',
    timeout: 15_000,
  });
}

describe('completion', () => {
  test.each(shells)('prints a script for %s', (shell) => {
    const { status, stdout } = bgagent('completion', shell);

    expect(status).toBe(0);
    expect(stdout).toContain('completion for bgagent');
    expect(stdout).toMatch(/bgagent complete ('--'|--) /);
  });

  test('offers commands, subcommands, options and choices', () => {
    const offered = (...words: string[]): string[] =>
      bgagent('complete', '--', ...words)
        .stdout.split('\n')
        .map((line) => line.split('\t')[0] ?? '')
        .filter((word) => word !== '' && !word.startsWith(':'));

    expect(offered('s')).toStrictEqual(['submit', 'status']);
    expect(offered('repo', '')).toStrictEqual(['add', 'list', 'remove', 'policy', 'help']);
    expect(offered('repo', 'policy', '')).toStrictEqual(['show', 'set', 'help']);
    expect(offered('watch', '--j')).toStrictEqual(['--json', '--jq']);
    expect(offered('notifications', '')).toStrictEqual(['show', 'configure', 'help']);
    expect(offered('notifications', 'configure', '')).toStrictEqual(['slack', 'github', 'email', 'help']);
    expect(offered('notifications', 'configure', 'slack', '--min-severity', '')).toStrictEqual([
      'low',
      'medium',
      'high',
    ]);
    expect(offered('repo', 'add', '--tr')).toStrictEqual(['--triggers', '--trigger-label', '--trigger-mention']);
    expect(offered('repo', 'add', '--forge', '')).toStrictEqual(['git', 'github']);
    expect(offered('up', '--github')).toStrictEqual(['--github-url', '--github-app-id', '--github-app-key']);
    expect(offered('submit', '--type', 'pr')).toStrictEqual(['pr_iteration', 'pr_review']);
  });

  test('refuses a shell it does not know', () => {
    expect(bgagent('completion', 'csh')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Allowed choices are zsh, bash'),
    });
  });
});
