import { InvokeCommand, LambdaClient, ListDurableExecutionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Name of the orchestrator function on a local platform. */
const orchestrator = 'abca-orchestrator';

/** The workflow engine of a platform that runs, seen by the unmodified AWS client. */
export interface Orchestrations {
  /** Start the orchestration of a task, whether or not it has one. */
  start(taskId: string): Promise<void>;
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
    start: async (taskId) => {
      await client.send(
        new InvokeCommand({
          FunctionName: orchestrator,
          InvocationType: 'Event',
          DurableExecutionName: taskId,
          Payload: new TextEncoder().encode(JSON.stringify({ taskId })),
        }),
      );
    },
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
