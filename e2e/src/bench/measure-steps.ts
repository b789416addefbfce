import { createLocalLambda, ensureTables, executionsTableName, type LocalLambda } from '@abca/local-lambda';
import { startLocalDynamoDb } from '@abca/local-dynamodb';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DurableExecutionApiClient, withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure, Measurement } from './figure.ts';
import { median } from './statistics.ts';

const steps = 100;
const prefix = 'bench-';
const access = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/** What the workflow engine adds to a step. */
export const measureSteps: Measurement = {
  name: 'steps',
  how:
    `A workflow of ${String(steps)} steps in a row that do nothing, through the unmodified SDK and the engine's HTTP API, on the ` +
    'embedded database in a file. The engine is started from the sources of its package: the bundle gives no way to a ' +
    'workflow of the bench’s own. Beside each run the same client puts as many items of the same size into the same table, ' +
    'and a file of the same folder is synced as often: the database syncs its file once for every put.',
  async measure({ runs }) {
    await using bench = await startEngine();
    await runWorkflow(bench);
    const rounds: Round[] = [];
    for (let run = 0; run < runs; run += 1) rounds.push(await measureRound(bench));
    return figuresOf(rounds);
  },
};

interface Engine extends AsyncDisposable {
  readonly dir: string;
  readonly dynamoDb: DynamoDBClient;
  readonly lambda: LambdaClient;
  /** Writes of the engine to its journal, with the time that each took, milliseconds. */
  readonly commits: number[];
  /** How long the steps of the last workflow took, milliseconds. */
  readonly workflow: { tookMs: number };
}

async function startEngine(): Promise<Engine> {
  await using stack = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'abca-bench-steps-'));
  stack.defer(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  const database = await startLocalDynamoDb({ dataFile: join(dir, 'database.sqlite') });
  stack.defer(() => database.stop());
  const dynamoDb = new DynamoDBClient({ ...access, endpoint: database.endpoint });
  stack.defer(() => {
    dynamoDb.destroy();
  });
  await ensureTables(dynamoDb, prefix);
  const commits: number[] = [];
  const workflow = { tookMs: 0 };
  const late: { client?: DurableExecutionApiClient } = {};
  const server = serve(dynamoDb, commits, async (event, context) => {
    const client = late.client;
    if (client === undefined) throw new Error('the engine called before it was up');
    return withDurableExecution(stepsInARow(workflow), { durableExecutionClient: client })(event as never, context);
  });
  const { url } = await server.start();
  stack.defer(() => server.close());
  const lambda = new LambdaClient({ ...access, endpoint: url });
  stack.defer(() => {
    lambda.destroy();
  });
  late.client = new DurableExecutionApiClient(lambda);
  const owned = stack.move();
  return { dir, dynamoDb, lambda, commits, workflow, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function serve(
  client: DynamoDBClient,
  commits: number[],
  workflow: Parameters<typeof createLocalLambda>[0]['functions'][string],
): LocalLambda {
  let startMs = 0;
  return createLocalLambda({
    client,
    tablePrefix: prefix,
    functions: { workflow },
    observer: {
      beforeCommit: () => {
        startMs = performance.now();
      },
      afterCommit: () => {
        commits.push(performance.now() - startMs);
      },
    },
  });
}

function stepsInARow(workflow: { tookMs: number }): (event: unknown, context: DurableContext) => Promise<number> {
  return async (_event, context) => {
    const startMs = performance.now();
    for (let index = 0; index < steps; index += 1) await context.step(`step-${String(index)}`, async () => index);
    workflow.tookMs = performance.now() - startMs;
    return steps;
  };
}

/** Milliseconds per step. */
interface Round {
  readonly step: number;
  /** Writes to the journal, per step. */
  readonly writes: number;
  /** Of these, as the engine saw them. */
  readonly commit: number;
  /** Of as many puts alone. */
  readonly put: number;
  /** Of as many syncs of a file alone. */
  readonly sync: number;
}

async function measureRound(bench: Engine): Promise<Round> {
  bench.commits.length = 0;
  await runWorkflow(bench);
  const writes = bench.commits.length / steps;
  const commit = bench.commits.reduce((sum, ms) => sum + ms, 0) / steps;
  return {
    step: bench.workflow.tookMs / steps,
    writes,
    commit,
    put: writes * (await timePut(bench)),
    sync: writes * timeSync(bench.dir),
  };
}

let workflows = 0;

async function runWorkflow({ lambda }: Engine): Promise<void> {
  workflows += 1;
  const answer = await lambda.send(
    new InvokeCommand({
      FunctionName: 'workflow:$LATEST',
      DurableExecutionName: `run-${String(workflows)}`,
      Payload: '{}',
    }),
  );
  if (answer.FunctionError !== undefined) throw new Error(`the workflow failed: ${answer.FunctionError}`);
}

/** A journal entry's put, alone: milliseconds. */
async function timePut({ dynamoDb }: Engine): Promise<number> {
  const startMs = performance.now();
  for (let index = 0; index < steps; index += 1) {
    const Item = {
      pk: { S: `PUT#${String(workflows)}` },
      sk: { S: String(index).padStart(8, '0') },
      d: { S: 'x'.repeat(400) },
    };
    const ConditionExpression = 'attribute_not_exists(pk)';
    await dynamoDb.send(new PutItemCommand({ TableName: executionsTableName(prefix), Item, ConditionExpression }));
  }
  return (performance.now() - startMs) / steps;
}

/** One page written and synced, alone: milliseconds. */
function timeSync(dir: string): number {
  const file = openSync(join(dir, 'synced'), 'w');
  const page = Buffer.alloc(4096, 'x');
  const startMs = performance.now();
  for (let index = 0; index < steps; index += 1) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  const tookMs = performance.now() - startMs;
  closeSync(file);
  return tookMs / steps;
}

function figuresOf(rounds: readonly Round[]): Figure[] {
  const ms = { unit: 'ms' } as const;
  const of = (value: (round: Round) => number): number[] => rounds.map(value);
  const middle = (value: (round: Round) => number): string => median(of(value)).toFixed(2);
  const madeOf =
    `a step writes its journal ${middle(({ writes }) => writes)} times; these writes take ${middle(({ commit }) => commit)} ms ` +
    `as the engine sees them; the rest of ${middle(({ step }) => step)} ms is the SDK, its HTTP calls and the engine`;
  return [
    { ...ms, id: 'step', what: 'a durable step, all of it', runs: of(({ step }) => step) },
    { id: 'step-writes', what: 'writes to the journal per step', unit: 'count', runs: of(({ writes }) => writes) },
    { ...ms, id: 'step-put', what: 'as many puts to the database alone', runs: of(({ put }) => put) },
    { ...ms, id: 'step-sync', what: 'as many syncs of a file alone', runs: of(({ sync }) => sync) },
    {
      ...ms,
      id: 'step-own',
      what: 'own time of a step: all of it without those puts',
      runs: of(({ step, put }) => step - put),
      target: { atMost: 3 },
      madeOf,
    },
    {
      ...ms,
      id: 'step-beyond-sync',
      what: 'a step without those syncs alone: the database’s own time counted as ours',
      runs: of(({ step, sync }) => step - sync),
      target: { atMost: 3 },
      madeOf,
    },
  ];
}
