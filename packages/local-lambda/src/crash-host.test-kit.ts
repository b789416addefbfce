/**
 * A process for crash tests: serves one execution and kills itself, with SIGKILL, at a boundary.
 *
 * Arguments as JSON: see {@link CrashHostArguments}. Every side effect of a step appends a line to the effects file.
 * Prints `DONE <result>` and `BOUNDARIES <number of them>` when the execution has ended, and exits 0.
 */
import { appendFileSync, readFileSync } from 'node:fs';

import { InvokeCommand, LambdaClient, SendDurableExecutionCallbackSuccessCommand } from '@aws-sdk/client-lambda';
import { StepSemantics, withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js';

import { testClient } from './dynamodb.test-kit.ts';
import { createLocalLambda, type LocalLambdaObserver } from './index.ts';

/** What the process is told. */
export interface CrashHostArguments {
  readonly endpoint: string;
  readonly tablePrefix: string;
  readonly effectsFile: string;
  /** Kill the process at the hook call of this number, from 1; never when absent. */
  readonly killAt?: number;
  readonly executionName: string;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as CrashHostArguments;
let boundaries = 0;

function boundary(name: string): void {
  boundaries += 1;
  if (boundaries === settings.killAt) {
    appendFileSync(settings.effectsFile, `killed ${name}\n`);
    process.kill(process.pid, 'SIGKILL');
  }
}

function effect(name: string): void {
  boundary(`before effect ${name}`);
  appendFileSync(settings.effectsFile, `effect ${name}\n`);
  boundary(`after effect ${name}`);
}

const observer: LocalLambdaObserver = {
  beforeInvocation: () => {
    boundary('before invocation');
  },
  afterInvocation: () => {
    boundary('after invocation');
  },
  // To die before a change is stored is to die after the one before it, or in the work between: both are covered.
  afterCommit: ({ cause }) => {
    boundary(`after commit ${cause}`);
  },
};

const late: { client?: LambdaClient } = {};

async function workflow(event: { n: number }, context: DurableContext): Promise<unknown> {
  const loose = await context.step('loose', async () => {
    effect('loose');
    return event.n + 1;
  });
  const once = await context
    .step(
      'once',
      async () => {
        effect('once');
        return loose * 2;
      },
      { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: () => ({ shouldRetry: false }) },
    )
    .catch((error: unknown) => `interrupted: ${(error as Error).name}`);
  const told = await context.waitForCallback<string>(
    'told',
    async (id) => {
      effect('submit');
      appendFileSync(settings.effectsFile, `callback ${id}\n`);
      setTimeout(() => void tell(id), 30);
    },
    { timeout: { seconds: 20 } },
  );
  await context.wait('pause', { seconds: 1 });
  const both = await context.parallel('both', [
    async (branch) => branch.step('left', async () => 'left'),
    async (branch) => branch.invoke('child', 'child', { from: 'parent' }),
  ]);
  return { loose, once, told, both: both.getResults() };
}

/** Stands for a worker outside the process: it does not forget a callback that it was given. */
function tellAgain(): void {
  const given = readFileSync(settings.effectsFile, 'utf8').matchAll(/^callback (.+)$/gm);
  for (const [, id = ''] of given) void tell(id);
}

async function tell(id: string): Promise<void> {
  const command = new SendDurableExecutionCallbackSuccessCommand({ CallbackId: id, Result: Buffer.from('told') });
  // The same callback may be completed twice; the second time is late.
  await late.client?.send(command).catch(() => undefined);
}

async function child(event: unknown, context: DurableContext): Promise<unknown> {
  return context.step('inner', async () => ({ got: event }));
}

const client = testClient(settings.endpoint);
const server = createLocalLambda({
  client,
  tablePrefix: settings.tablePrefix,
  functions: {
    workflow: (event, context) => withDurableExecution(workflow, late)(event, context),
    child: (event, context) => withDurableExecution(child, late)(event, context),
  },
  observer,
});
await server.start({
  onListening: ({ url }) => {
    late.client = new LambdaClient({
      endpoint: url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  },
});
if (late.client === undefined) throw new Error('the server started without listening');
tellAgain();
const answer = await late.client.send(
  new InvokeCommand({ FunctionName: 'workflow', Payload: '{"n":1}', DurableExecutionName: settings.executionName }),
);
process.stdout.write(`DONE ${answer.Payload?.transformToString() ?? ''}\n`);
process.stdout.write(`BOUNDARIES ${String(boundaries)}\n`);
await server.close();
process.exit(0);
