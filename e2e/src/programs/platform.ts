import 'reflect-metadata';
import { loadPlatformConfig, startPlatform, type PlatformOptions } from '@abca/app-local';
import { SystemClock } from '@abca/adapter-system';
import { createJsonLogger, reconcileRules, type OrphanRules } from '@abca/core';
import { appendFileSync } from 'node:fs';
import { cloudModule } from '../cloud/cloud-spec.ts';
import { describePoint, type CrashPoint } from '../support/crash-point.ts';
import { givenContext } from '../support/given-context.ts';
import { heldPort } from '../support/held-ports.ts';
import type { PlatformSpec } from '../support/platform-process.ts';
import { commitObserver, watchedPorts } from '../support/watch-points.ts';

/**
 * The local platform as a process of a test: the same start as `bgagent up`, with an eye on the places it passes, and death
 * at one of them. Ends with its standard input, so that it never outlives the test.
 */
const spec = JSON.parse(process.argv[2] ?? '{}') as PlatformSpec;

const deadly = spec.crashAt && describePoint(spec.crashAt);

function reach(point: CrashPoint): void {
  if (spec.traceFile !== undefined) appendFileSync(spec.traceFile, `${JSON.stringify(point)}\n`);
  if (deadly !== undefined && describePoint(point) === deadly) process.kill(process.pid, 'SIGKILL');
}

/** The patience of the reconciler of sessions, as short as everything else in a test. Milliseconds. */
const quickOrphans: OrphanRules = { graceMs: 500, firstRetryMs: 500, longestRetryMs: 2_000 };

const watching = spec.traceFile !== undefined || spec.crashAt !== undefined;
const options: PlatformOptions = {
  env: process.env,
  logger: createJsonLogger((line) => process.stderr.write(`${line}\n`), { clock: new SystemClock(), level: 'debug' }),
  ...(spec.agentCommand && { agentCommand: spec.agentCommand }),
  reconcileRules: { ...reconcileRules, sessions: quickOrphans },
  ...(watching && { observer: commitObserver(reach) }),
  modules: [
    ...(spec.cloud ? [cloudModule(spec.cloud)] : []),
    ...(spec.contextFile === undefined ? [] : [givenContext(spec.contextFile)]),
    ...(spec.hold ? [heldPort(spec.hold)] : []),
    ...(watching ? [watchedPorts(reach)] : []),
  ],
};
const platform = await startPlatform(loadPlatformConfig({ flags: spec.flags, env: {}, cwd: spec.cwd }), options);
process.stdout.write(
  `${JSON.stringify({ url: platform.url, token: platform.token, modelLabel: platform.modelLabel })}\n`,
);

let stopping = false;
function stop(): void {
  const mode = stopping ? 'now' : 'graceful';
  stopping = true;
  void platform.stop(mode).then(() => process.exit(0));
}
process.on('SIGTERM', stop);
process.stdin.on('end', () => void platform.stop('now').then(() => process.exit(0))).resume();
