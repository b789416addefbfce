/** The AWS Lambda invoke and durable-execution API on loopback, persisted in DynamoDB. */
export {
  createLocalLambda,
  type LocalLambda,
  type ListeningAddress,
  type LocalLambdaOptions,
  type StartOptions,
} from './create-local-lambda.ts';
export { LambdaApiError, type LambdaErrorType } from './errors.ts';
export { executionArn, parseExecutionArn, LOCAL_ACCOUNT, type ExecutionRef } from './model/arn.ts';
export { LIMITS } from './model/limits.ts';
export type { LocalClock } from './runtime/clock.ts';
export type { FunctionOptions, LambdaHandler } from './runtime/functions.ts';
export type { LambdaContext } from './runtime/lambda-context.ts';
export type {
  CommitCause,
  LocalLambdaObserver,
  ObservedCheckpoint,
  ObservedCommit,
  ObservedExecution,
  ObservedInvocation,
} from './runtime/observer.ts';
export { ensureTables, executionsTableName, localLambdaTables } from './store/tables.ts';
