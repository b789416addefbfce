import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';

const run = promisify(execFile);
const packageDir = fileURLToPath(new URL('..', import.meta.url));

const program = `
import { CedarPolicyLoader } from './src/index.ts';
const engine = await new CedarPolicyLoader().load().catch((error) => ({ judge: async () => ({ failed: error.code, message: error.message }) }));
const base = { taskId: 't', taskType: 'new_task', repo: 'a/b', readOnly: false, toolName: 'Bash', workspaceDir: '/w', protectedBranches: [] };
console.log(JSON.stringify(await engine.judge({ ...base, input: { command: 'rm -rf /' } })));
`;

describe('a bundle', () => {
  let folder: string;
  beforeAll(async () => {
    const cache = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url));
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, 'abca-bundle-'));
    await build({
      stdin: { contents: program, resolveDir: packageDir, loader: 'ts' },
      outfile: join(folder, 'program.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@abca/source'],
      external: ['@cedar-policy/cedar-wasm'],
      logLevel: 'silent',
    });
  });
  afterAll(() => rm(folder, { recursive: true }));

  const start = async (cwd: string, file: string): Promise<unknown> => {
    const { stdout } = await run(process.execPath, [file], { cwd, env: { HOME: folder } });
    return JSON.parse(stdout);
  };

  test('holds the policies, and needs nothing but cedar-wasm beside it', async () => {
    expect(await start(folder, join(folder, 'program.mjs'))).toMatchObject({
      kind: 'judged',
      matches: [{ rule: { ruleId: 'rm_slash' }, subjects: [{ kind: 'command' }] }],
    });
  });

  test('fails the load where cedar-wasm is missing', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'abca-bundle-'));
    try {
      await copyFile(join(folder, 'program.mjs'), join(elsewhere, 'program.mjs'));

      expect(await start(elsewhere, join(elsewhere, 'program.mjs'))).toMatchObject({
        failed: 'POLICY_INVALID',
        message: expect.stringContaining('install @cedar-policy/cedar-wasm beside the program'),
      });
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });
});
