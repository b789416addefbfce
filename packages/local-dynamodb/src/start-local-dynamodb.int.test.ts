import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AbcaError } from '@abca/core';
import { findProcess } from './process-identity.ts';
import { startLocalDynamoDb, type LocalDynamoDb, type LocalDynamoDbOptions } from './start-local-dynamodb.ts';
import { waitFor } from './wait-for.ts';

const ownerFixture = fileURLToPath(new URL('fixture-owner.test-kit.ts', import.meta.url));

let folder: string;
let dataFile: string;
const databases: LocalDynamoDb[] = [];
const owners: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abca-test-'));
  dataFile = join(folder, 'db', 'abca.db');
});

afterEach(async () => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
  await Promise.all(databases.splice(0).map((database) => database.stop()));
  await rm(folder, { recursive: true, force: true });
});

const start = async (options: LocalDynamoDbOptions = {}): Promise<LocalDynamoDb> => {
  const database = await startLocalDynamoDb(options);
  databases.push(database);
  return database;
};

const startError = async (options: LocalDynamoDbOptions): Promise<AbcaError> => {
  const outcome: unknown = await start(options).catch((error: unknown) => error);
  if (AbcaError.is(outcome)) return outcome;
  throw new Error('the start did not fail with a coded error', { cause: outcome });
};

const gone = (pid: number): Promise<boolean> =>
  waitFor(() => findProcess(pid) === undefined, { timeoutMs: 5_000, everyMs: 5 });

/** Start a program that owns a database, as the platform does. */
const startOwner = async (args = [dataFile]): Promise<{ owner: ChildProcess; pid: number; port: number }> => {
  const owner = spawn(process.execPath, ['--conditions=@abca/source', ownerFixture, ...args], {
    env: { PATH: '/usr/bin:/bin', HOME: folder, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owners.push(owner);
  const [line] = (await once(owner.stdout!, 'data')) as [Buffer];
  return { owner, ...(JSON.parse(line.toString()) as { pid: number; port: number }) };
};

const call = async (database: { port: number }, operation: string, body: object): Promise<unknown> => {
  const response = await fetch(`http://127.0.0.1:${String(database.port)}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=a/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(body),
  });
  return response.json();
};

const makeTable = (database: { port: number }): Promise<unknown> =>
  call(database, 'CreateTable', {
    TableName: 'kept',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });

describe('startLocalDynamoDb()', () => {
  test('answers once it resolves and is gone once it is stopped', async () => {
    const database = await start();

    const tables = await call(database, 'ListTables', {});
    await database.stop();
    await database.stop();

    expect(tables).toStrictEqual({ TableNames: [] });
    expect(findProcess(database.pid)).toBeUndefined();
    await expect(database.exited).resolves.toMatchObject({ code: 0 });
  });

  test('keeps what was written for the next start on the same file, and leaves no file of its own behind', async () => {
    const first = await start({ dataFile });
    await makeTable(first);
    await first.stop();

    const second = await start({ dataFile });
    const tables = await call(second, 'ListTables', {});
    await second.stop();

    expect(tables).toStrictEqual({ TableNames: ['kept'] });
    expect(await readdir(join(folder, 'db'))).toStrictEqual(['abca.db']);
  });

  test('stops within its grace period while a client keeps its connection', async () => {
    const database = await start();
    await call(database, 'ListTables', {});

    await database.stop();

    expect(findProcess(database.pid)).toBeUndefined();
  });

  test('runs four side by side, each on a port and with data of its own', async () => {
    const all = await Promise.all([start(), start(), start({ dataFile }), start({ dataFile: `${dataFile}2` })]);
    await makeTable(all[0]);

    const tables = await Promise.all(all.map((database) => call(database, 'ListTables', {})));

    expect(new Set(all.map(({ port }) => port)).size).toBe(4);
    expect(tables).toStrictEqual([['kept'], [], [], []].map((TableNames) => ({ TableNames })));
  });

  test('ends when its owner is killed', async () => {
    const { owner, pid } = await startOwner();
    expect(findProcess(pid)?.command).toBe('dynoxide');

    owner.kill('SIGKILL');

    expect(await gone(pid)).toBe(true);
  });

  test('leaves no folder behind when the owner of a database in memory is killed', async () => {
    const { owner, pid } = await startOwner([]);
    const homes = (): string[] => readdirSync(folder).filter((name) => name.startsWith('abca-dynamodb-'));
    expect(homes()).toHaveLength(1);

    owner.kill('SIGKILL');

    expect(await gone(pid)).toBe(true);
    expect(await waitFor(() => homes().length === 0, { timeoutMs: 5_000, everyMs: 5 })).toBe(true);
  });

  test('opens the file of an owner that was killed this moment, with what it held', async () => {
    const { owner, pid, port } = await startOwner();
    await makeTable({ port });

    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const next = await start({ dataFile });

    expect(await call(next, 'ListTables', {})).toStrictEqual({ TableNames: ['kept'] });
    expect(findProcess(pid)).toBeUndefined();
  });

  test('ends a leftover that has lost its owner and its watchdog', async () => {
    const leftover = await start({ dataFile });
    const record = JSON.parse(await readFile(`${dataFile}.owner.json`, 'utf8')) as { owner: object };
    await writeFile(
      `${dataFile}.owner.json`,
      JSON.stringify({ ...record, owner: { pid: 999_999_999, startTicks: 1 } }),
    );

    const next = await start({ dataFile });

    expect(findProcess(leftover.pid)).toBeUndefined();
    expect(await call(next, 'ListTables', {})).toStrictEqual({ TableNames: [] });
  });

  test.each([
    ['a process that has the number of the one that was noted', { pid: process.pid, startTicks: 1 }],
    ['a process that is another program', findProcess(process.pid)!],
  ])('leaves alone %s', async (_name, child) => {
    const first = await start({ dataFile });
    await first.stop();
    await writeFile(`${dataFile}.owner.json`, JSON.stringify({ child, owner: { pid: 999_999_999, startTicks: 1 } }));

    const database = await start({ dataFile });

    expect(await call(database, 'ListTables', {})).toStrictEqual({ TableNames: [] });
  });

  test('takes a half-written record for none', async () => {
    const first = await start({ dataFile });
    await first.stop();
    await writeFile(`${dataFile}.owner.json`, '{"child":{"pi');

    const database = await start({ dataFile });

    expect(await call(database, 'ListTables', {})).toStrictEqual({ TableNames: [] });
  });

  test('refuses a file that a living process serves', async () => {
    const { pid } = await startOwner();

    const error = await startError({ dataFile });

    expect(error.code).toBe('DATA_FOLDER_LOCKED');
    expect(findProcess(pid)).toBeDefined();
  });

  test('says which port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    const error = await startError({ port });
    server.close();

    expect(error).toMatchObject({ code: 'PORT_IN_USE', details: { port } });
    expect(error.message).toContain(String(port));
  });

  test('uses the port it is given', async () => {
    const probe = await start();
    await probe.stop();

    const database = await start({ port: probe.port });

    expect(database).toMatchObject({ port: probe.port, endpoint: `http://127.0.0.1:${String(probe.port)}` });
  });

  test.each([
    ['that is no database', () => writeFile(dataFile, 'not a database '.repeat(1_000))],
    ['that was cut', async () => writeFile(dataFile, (await readFile(dataFile)).subarray(0, 5_000))],
    ['whose pages were overwritten', async () => writeFile(dataFile, overwritten(await readFile(dataFile)))],
  ])('says that a file cannot be read %s, and leaves it as it is', async (_name, damage) => {
    const database = await start({ dataFile });
    await makeTable(database);
    await call(database, 'PutItem', { TableName: 'kept', Item: { id: { S: 'x' } } });
    await database.stop();
    await damage();
    const before = await readFile(dataFile);

    const error = await startError({ dataFile });

    expect(error).toMatchObject({ code: 'DATA_FOLDER_CORRUPT', details: { dataFile } });
    expect(await readFile(dataFile)).toStrictEqual(before);
  });

  test('says that the program did not start', async () => {
    const error = await startError({ binary: '/bin/false' });

    expect(error.code).toBe('CHILD_PROCESS_FAILED');
  });

  test('says that the program is missing', async () => {
    const error = await startError({ binary: join(folder, 'absent') });

    expect(error.code).toBe('CHILD_PROCESS_FAILED');
    expect(error.message).toMatch(/not found/);
  });

  test('gives up a program that never answers, and ends it', async () => {
    const program = join(folder, 'silent');
    await writeFile(program, '#!/bin/sh\necho $$ > pid\nexec sleep 600\n', { mode: 0o755 });

    const error = await startError({ binary: program, dataFile, readyTimeoutMs: 100 });

    expect(error.code).toBe('CHILD_PROCESS_FAILED');
    expect(error.message).toContain('did not answer in time');
    expect(findProcess(Number(await readFile(join(folder, 'db', 'pid'), 'utf8')))).toBeUndefined();
  });

  test('rejects with the reason of its signal and leaves nothing running', async () => {
    const program = join(folder, 'silent');
    await writeFile(program, '#!/bin/sh\necho $$ > pid\nexec sleep 600\n', { mode: 0o755 });
    const pidFile = join(folder, 'db', 'pid');
    const stop = new AbortController();
    const reason = new Error('enough');

    const starting = startLocalDynamoDb({ binary: program, dataFile, signal: stop.signal });
    const rejected = expect(starting).rejects.toBe(reason);
    const pidOf = (): number => Number(existsSync(pidFile) && readFileSync(pidFile, 'utf8'));
    await waitFor(() => pidOf() > 0, { timeoutMs: 5_000, everyMs: 5 });
    stop.abort(reason);

    await rejected;
    expect(findProcess(pidOf())).toBeUndefined();
  });
});

function overwritten(file: Buffer): Buffer {
  return Buffer.concat([file.subarray(0, 100), Buffer.alloc(file.length - 100, 0xa5)]);
}
