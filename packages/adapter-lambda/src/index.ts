/** The public surface of `@abca/adapter-lambda`. The Inversify module is in `@abca/adapter-lambda/module`. */
export { LambdaSessionSignals } from './lambda-session-signals.ts';
export { LambdaTaskExecutions, type ExecutionInput } from './lambda-task-executions.ts';
export { LambdaForgeTokens, type LambdaForgeTokensOptions } from './lambda-forge-tokens.ts';
export { mapLambdaError } from './lambda-errors.ts';
