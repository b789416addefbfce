import { LambdaTaskExecutions } from '@abca/adapter-lambda';
import type { TaskExecutions } from '@abca/core';
import { LambdaClient, ListDurableExecutionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Name of the orchestrator function on a local platform. */
const orchestrator = 'abca-orchestrator';

/** The workflow engine of a platform that runs, seen by the unmodified AWS client. */
export interface Orchestrations {
  readonly executions: TaskExecutions;
  /** Names and statuses of all executions. */
  list(): Promise<readonly { readonly name: string | undefined; readonly status: string | undefined }[]>;
  close(): void;
}

/** @param dataDir folder of a platform that runs */
export function openOrchestrations(dataDir: string): Orchestrations {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(dataDir, file), 'utf8'));
  const { ports } = read('platform.json') as { ports: { lambda: number } };
  const { accessKeyId } = read('secrets.json') as { accessKeyId: string };
  const client = new LambdaClient({
    endpoint: `http://127.0.0.1:${String(ports.lambda)}`,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: 'local' },
  });
  return {
    executions: new LambdaTaskExecutions(client, orchestrator),
    list: async () => {
      const answer = await client.send(new ListDurableExecutionsByFunctionCommand({ FunctionName: orchestrator }));
      return (answer.DurableExecutions ?? []).map(({ DurableExecutionName: name, Status: status }) => ({
        name,
        status,
      }));
    },
    close: () => {
      client.destroy();
    },
  };
}
