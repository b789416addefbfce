import { loadPlatformConfig, startPlatform, type Platform } from '@abca/app-local';
import { CapturingLogger } from '@abca/core/testing';
import { tinyRunModule } from '@example/abca-compute-tinyrun/module';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TinyPlan } from './programs/tiny-plan.ts';
import { addRepo, call, getEvents, submit, whenEnded, whenTask } from './support/api.ts';
import { openOrchestrations } from './support/orchestrations.ts';
import { quickFlags } from './support/platform-process.ts';
import { programCommand } from './support/programs.ts';
import { makeRemote, type Remote } from './support/remote.ts';
import { until } from './support/until.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(60_000);

const repo = 'acme/shop';
const tinyRunProgram = '../../examples/compute-tinyrun/src/tinyrun-program.test-kit.ts';

/** Where a TinyRun is, and how to be let in. */
interface TinyRun {
  readonly endpoint: string;
  readonly apiKey: string;
}

describe('a compute backend of a third party', () => {
  let dir: string;
  let remote: Remote;
  let service: ChildProcess;
  let tinyRun: TinyRun;
  let platform: Platform | undefined;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'abca-third-party-'));
    remote = makeRemote(dir);
    service = spawn(
      process.execPath,
      ['--conditions=@abca/source', fileURLToPath(new URL(tinyRunProgram, import.meta.url))],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const [line] = (await once(createInterface(service.stdout!), 'line')) as [string];
    tinyRun = JSON.parse(line) as TinyRun;
  });

  afterEach(async () => {
    try {
      if (platform !== undefined) await stopQuietly(platform);
    } finally {
      platform = undefined;
      const ended = once(service, 'exit');
      service.stdin?.end();
      await ended;
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    }
  });

  async function startWithTinyRun(): Promise<Platform> {
    const { endpoint, apiKey } = tinyRun;
    const dataDir = join(dir, 'data');
    const config = loadPlatformConfig({ flags: { ...quickFlags, dataDir }, env: {}, cwd: dir });
    const logger = new CapturingLogger();
    const env = { PATH: process.env['PATH'] };
    // No session can run on this machine's own backend.
    const agentCommand = ['/bin/false'] as const;
    // #region composition
    platform = await startPlatform(config, {
      env,
      logger,
      agentCommand,
      modules: [tinyRunModule({ endpoint, apiKey, program: 'abca-agent' })],
    });
    // #endregion
    return platform;
  }

  /** Once the workflows have ended: they are in this process, and what they cannot write any more they print. */
  async function stopQuietly({ dataDir, stop }: Platform): Promise<void> {
    const { list, close } = openOrchestrations(dataDir);
    try {
      await until(async () => ((await list()).every(({ status }) => status === 'SUCCEEDED') ? true : undefined), {
        boundMs: 20_000,
        what: async () => JSON.stringify(await list()),
      });
    } finally {
      close();
      await stop('graceful');
    }
  }

  /** As the operator of TinyRun does it: what is secret is in the settings of the program, not in what the adapter sends. */
  async function deployAgent(plan: TinyPlan): Promise<void> {
    const secrets = JSON.parse(readFileSync(join(dir, 'data', 'secrets.json'), 'utf8')) as { accessKeyId: string };
    const response = await fetch(`${tinyRun.endpoint}/programs/abca-agent`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${tinyRun.apiKey}` },
      body: JSON.stringify({
        command: programCommand('tiny-agent', join(dir, 'starts'), JSON.stringify(plan)),
        env: { ABCA_ACCESS_KEY_ID: secrets.accessKeyId },
      }),
    });
    expect(response.status).toBe(200);
  }

  const starts = (): number =>
    existsSync(join(dir, 'starts')) ? readFileSync(join(dir, 'starts'), 'utf8').trim().split('\n').length : 0;

  async function jobState(taskId: string): Promise<string> {
    const response = await fetch(`${tinyRun.endpoint}/jobs/abca-session-${taskId.toLowerCase()}-g1`, {
      headers: { authorization: `Bearer ${tinyRun.apiKey}` },
    });
    return ((await response.json()) as { state: string }).state;
  }

  test('runs a whole task for a repository that asks for it', async () => {
    const api = await startWithTinyRun();
    await deployAgent({});
    await addRepo(api, repo, remote.path, { compute: { type: 'tinyrun', size: 'large' } });

    const { task_id: taskId } = await submit(api, { repo });
    const task = await whenEnded(api, taskId);

    expect([task.status, task.failure]).toStrictEqual(['COMPLETED', undefined]);
    expect(task.receipt).toMatchObject({ outcome: 'delivered', files_changed: 1 });
    const started = (await getEvents(api, taskId)).find(({ event_type }) => event_type === 'session_started');
    expect(started?.metadata).toMatchObject({ compute_type: 'tinyrun' });
    expect(starts()).toBe(1);
    // By itself, or by the workflow, which ends a session that is still shown after its result.
    await until(async () => (/^(exited|stopped)$/.test(await jobState(taskId)) ? true : undefined), {
      boundMs: 10_000,
      what: () => jobState(taskId),
    });
  });

  test('ends with its task, and says how that was proven', async () => {
    const api = await startWithTinyRun();
    await deployAgent({ hang: true });
    await addRepo(api, repo, remote.path, { compute: { type: 'tinyrun' } });
    const { task_id: taskId } = await submit(api, { repo });
    await whenTask(api, taskId, ({ status }) => status === 'RUNNING');
    await until(() => (starts() > 0 ? true : undefined), { boundMs: 20_000, what: () => 'no agent' });

    const answer = await call(api, 'DELETE', `/v1/tasks/${taskId}`);

    expect(JSON.stringify(answer.body.data)).toMatch(/TinyRun shows job abca-session-[a-z0-9]+-g1 as stopped/);
    expect((await whenEnded(api, taskId)).status).toBe('CANCELLED');
    expect(await jobState(taskId)).toBe('stopped');
  });

  test('is told of settings that are not its own, before anything runs', async () => {
    const api = await startWithTinyRun();
    await deployAgent({});
    await addRepo(api, repo, remote.path, { compute: { type: 'tinyrun', size: 'huge' } });

    const task = await whenEnded(api, (await submit(api, { repo })).task_id);

    expect(task.status).toBe('FAILED');
    expect(task.failure).toMatchObject({
      code: 'SESSION_START_FAILED',
      message: expect.stringMatching(/tinyrun.*size/s),
    });
    expect(starts()).toBe(0);
  });
});
