import 'reflect-metadata';
import { createSessionDeps, loadConfig, runProgram } from '@abca/app-agent';
import { SystemClock } from '@abca/adapter-system';
import { createJsonLogger } from '@abca/core';
import { FakeCodingAgent } from '@abca/core/testing';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The agent program on all its real parts but the model: the run writes one file and ends. Argument 1: a file that gets a
 * line for every start, so that a test can count them.
 */
appendFileSync(process.argv[2] ?? '/dev/null', `${String(process.pid)}\n`);
const logger = createJsonLogger((line) => process.stdout.write(`${line}\n`), {
  clock: new SystemClock(),
  level: 'debug',
});
const config = loadConfig(process.env, { cwd: process.cwd(), parseModel: () => undefined });
const agent = new FakeCodingAgent(
  [
    {
      kind: 'turn',
      text: 'I write the file.',
      calls: [{ toolName: 'Write', input: { file_path: 'done.txt' }, run: writeDone }],
    },
    { kind: 'turn', text: 'Done.' },
  ],
  { modelLabel: 'tiny' },
);

function writeDone({ workspaceDir }: { readonly workspaceDir: string }): string {
  writeFileSync(join(workspaceDir, 'done.txt'), 'done\n');
  return 'written';
}

process.exit(
  await runProgram(process, {
    session: config.session,
    logger,
    createDeps: () => ({
      ...createSessionDeps({ ...config, model: { provider: 'scripted', baseUrl: 'http://127.0.0.1:1' } }, logger),
      agent,
    }),
  }),
);
