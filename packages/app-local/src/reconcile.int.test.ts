import 'reflect-metadata';
import { createDynamoStores, type DynamoStores } from '@abca/adapter-dynamodb';
import { mintSessionId, openSession, tableNames, type ReconcileReport, type Task, type UserId } from '@abca/core';
import { aTask, aTaskId, CapturingLogger, FakeClock, SequentialIds, testEpochMs } from '@abca/core/testing';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach, expect, jest, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPlatformConfig } from './platform-config.ts';
import type { Platform } from './platform.ts';
import { startPlatform } from './start-platform.ts';

jest.setTimeout(30_000);

const root = mkdtempSync(join(tmpdir(), 'abca-reconcile-'));
const owner = { userId: 'local' as UserId };
let platform: Platform | undefined;
let client: DynamoDBClient | undefined;

afterEach(async () => {
  client?.destroy();
  await platform?.stop('graceful');
  rmSync(root, { recursive: true, force: true });
});

/** A logger that hands over the report of every run that did something. */
class ReportLogger extends CapturingLogger {
  readonly reports: ReconcileReport[] = [];
  onReport: () => void = () => undefined;

  override info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    super.info(message, fields);
    if (message !== 'reconciled') return;
    this.reports.push(fields as unknown as ReconcileReport);
    this.onReport();
  }

  /** Resolves when a run has ended a stranded task and a run has proven the end of a session. */
  async done(): Promise<void> {
    const has = (did: (report: ReconcileReport) => number | undefined) => this.reports.some((report) => did(report));
    while (!has(({ tasks }) => tasks.did.stranded) || !has(({ sessions }) => sessions.did.proven)) {
      const next = Promise.withResolvers<undefined>();
      this.onReport = () => {
        next.resolve(undefined);
      };
      await next.promise;
    }
  }
}

/** The stores of the platform that runs on `dataDir`. */
function storesOf(dataDir: string): DynamoStores {
  const { ports } = JSON.parse(readFileSync(join(dataDir, 'platform.json'), 'utf8')) as {
    readonly ports: { readonly dynamodb: number };
  };
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${String(ports.dynamodb)}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const parts = { tables: tableNames('abca'), clock: new FakeClock(), ids: new SequentialIds() };
  return createDynamoStores(DynamoDBDocumentClient.from(client), parts);
}

/** A session that is open in the ledger, and whose process is long gone. */
function leftOver(n: number): Partial<Task> {
  const taskId = aTaskId(n);
  const sessionId = mintSessionId(taskId, 1);
  // No process was started at the boot of this machine with this id.
  const process = { pid: 4_000_000, startedAtTicks: 1, workspaceDir: '/nowhere' };
  return {
    ...owner,
    taskId,
    sessionId,
    generation: 1,
    ...openSession({ strategyType: 'local', sessionId, ...process }, testEpochMs),
  };
}

test('a stranded task and an orphaned session are cleaned up while the platform runs', async () => {
  const dataDir = join(root, 'data');
  const logger = new ReportLogger();
  const patience = { firstRetryMs: 0, longestRetryMs: 0 };
  platform = await startPlatform(loadPlatformConfig({ flags: { dataDir, reconcileMs: 100 }, env: {}, cwd: root }), {
    env: { PATH: process.env['PATH'] },
    logger,
    agentCommand: ['/bin/false'],
    reconcileRules: {
      tasks: {
        ...patience,
        startAfterMs: 0,
        stayMs: 0,
        leaseMarginMs: 0,
        approvalMarginMs: 0,
        deadlineMarginMs: 0,
        rescues: 1,
      },
      sessions: { ...patience, graceMs: 0 },
    },
  });
  const { tasks } = storesOf(dataDir);

  await tasks.create({ task: aTask({ ...leftOver(1), status: 'RUNNING' }), events: [] });
  await tasks.create({ task: aTask({ ...leftOver(2), status: 'CANCELLED' }), events: [] });
  await logger.done();

  expect(await tasks.find(aTaskId(1))).toMatchObject({ status: 'FAILED', failure: { code: 'TASK_STRANDED' } });
  expect(await tasks.find(aTaskId(2))).toMatchObject({ status: 'CANCELLED', sessionStop: { outcome: 'already_gone' } });
  const answer = await fetch(`${platform.url}/v1/ops/sessions?state=open`, {
    headers: { authorization: `Bearer ${platform.token}` },
  });
  expect(await answer.json()).toStrictEqual({ data: [], pagination: { has_more: false } });
});
