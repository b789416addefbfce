import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { CallOptions, TaskExecutions, TaskId } from '@abca/core';
import { mapLambdaError } from './lambda-errors.ts';

/** What the orchestrator function is invoked with. Nothing but the id: the rest is read from the store. */
export interface ExecutionInput {
  readonly taskId: TaskId;
}

/** {@link TaskExecutions} on a Lambda durable function. */
export class LambdaTaskExecutions implements TaskExecutions {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  /** @param functionName name or ARN with a qualifier: a durable function is invoked through a version or an alias */
  constructor(client: LambdaClient, functionName: string) {
    this.#client = client;
    this.#functionName = functionName;
  }

  /** The execution bears the task id, so that the service itself makes one of two starts. */
  async start(taskId: TaskId, options: CallOptions = {}): Promise<void> {
    const input: ExecutionInput = { taskId };
    const command = new InvokeCommand({
      FunctionName: this.#functionName,
      InvocationType: 'Event',
      DurableExecutionName: taskId,
      Payload: new TextEncoder().encode(JSON.stringify(input)),
    });
    try {
      await this.#client.send(command, options.signal === undefined ? {} : { abortSignal: options.signal });
    } catch (error) {
      throw mapLambdaError(error, `the workflow of task ${taskId} was not started`, options.signal);
    }
  }
}
