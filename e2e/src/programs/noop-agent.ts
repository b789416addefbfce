import 'reflect-metadata';
import { createSessionDeps, loadConfig, runProgram } from '@abca/app-agent';
import { SystemClock } from '@abca/adapter-system';
import { createJsonLogger } from '@abca/core';
import { FakeCodingAgent } from '@abca/core/testing';

/** The agent program on all its real parts, with an agent that does nothing: what a task costs the platform itself. */
const logger = createJsonLogger((line) => process.stdout.write(`${line}\n`), { clock: new SystemClock() });
const config = loadConfig(process.env, { parseModel: () => undefined });
const model = { provider: 'scripted', baseUrl: 'http://127.0.0.1:1' } as const;

process.exit(
  await runProgram(process, {
    session: config.session,
    logger,
    createDeps: () => ({ ...createSessionDeps({ ...config, model }, logger), agent: new FakeCodingAgent([]) }),
  }),
);
