import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';

/** An embedded DynamoDB that ends with this process, however this process ends. */
export interface TestDynamoDb {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  stop(): Promise<void>;
}

/** The shell outlives its pipe to us by one `read`: when we are gone, it ends the database. */
const WATCHDOG = '"$1" serve --port "$2" --db-path "$3" & child=$!; read -r _ <&3; kill -9 $child';

/** Start an embedded DynamoDB on a free port, over a fresh file. */
export async function startTestDynamoDb(): Promise<TestDynamoDb> {
  const binary = join(dirname(createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
  const folder = mkdtempSync(join(tmpdir(), 'local-lambda-'));
  const port = await freePort();
  const args = ['-c', WATCHDOG, 'watchdog', binary, String(port), join(folder, 'data.db')];
  const child = spawn('/bin/sh', args, {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/bin:/bin', HOME: folder },
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const client = testClient(endpoint);
  await waitUntilAnswers(client);
  return {
    endpoint,
    client,
    async stop() {
      client.destroy();
      child.stdio[3]?.destroy();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A client that never looks for credentials. */
export function testClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

async function waitUntilAnswers(client: DynamoDBClient): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(20);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
