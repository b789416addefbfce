import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StartSessionInput, StoredHandle } from '@abca/core';
import type { LocalComputeOptions } from './local-compute-strategy.ts';
import type { LocalWorld } from './local-session.test-kit.ts';

/** What the fixture program is told. */
export interface FixtureOrder {
  readonly options: Omit<LocalComputeOptions, 'clock' | 'logger'>;
  readonly input: StartSessionInput;
}

/** A platform as a process of its own, to be killed. */
export interface PlatformFixture {
  readonly child: ChildProcess;
  /** The handle it got; `undefined` when it died before it got one. */
  readonly handle: Promise<StoredHandle | undefined>;
  readonly ended: Promise<void>;
}

/** Start a platform that starts one session. It ends with this process: its standard input does. */
export function startPlatform(
  world: LocalWorld,
  input: StartSessionInput,
  more: Partial<FixtureOrder['options']> = {},
): PlatformFixture {
  const { clock: _clock, logger: _logger, ...options } = world.options;
  const order: FixtureOrder = { options: { ...options, ...more }, input };
  const program = join(fileURLToPath(import.meta.url), '..', 'platform-main.test-kit.ts');
  const child = spawn(process.execPath, ['--conditions=@abca/source', program, JSON.stringify(order)], {
    env: { PATH: process.env['PATH'] ?? '', HOME: world.root },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  let output = '';
  const handle = new Promise<StoredHandle | undefined>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.endsWith('\n')) resolve(JSON.parse(output) as StoredHandle);
    });
    void ended.then(() => {
      resolve(undefined);
    });
  });
  return { child, handle, ended };
}
