import { tokens } from '@abca/core';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { ContainerModule } from 'inversify';
import { LambdaSessionSignals } from './lambda-session-signals.ts';
import { LambdaTaskExecutions } from './lambda-task-executions.ts';

/** Settings of {@link lambdaModule}. */
export interface LambdaModuleOptions {
  /** Name or ARN of the orchestrator with a qualifier. Absent in programs that start no task: nothing is bound then. */
  readonly orchestratorFunction?: string;
}

/** Binds the session signals, and the executions where an orchestrator is named. Needs `tokens.lambdaClient`. */
export function lambdaModule(options: LambdaModuleOptions = {}): ContainerModule {
  const { orchestratorFunction } = options;
  return new ContainerModule(({ bind }) => {
    bind(tokens.sessionSignals)
      .toResolvedValue((client: LambdaClient) => new LambdaSessionSignals(client), [tokens.lambdaClient])
      .inSingletonScope();
    if (orchestratorFunction === undefined) return;
    bind(tokens.taskExecutions)
      .toResolvedValue(
        (client: LambdaClient) => new LambdaTaskExecutions(client, orchestratorFunction),
        [tokens.lambdaClient],
      )
      .inSingletonScope();
  });
}
