import type { LocalClock } from './clock.ts';
import type { ResolvedFunction } from './functions.ts';
import { functionArn } from '../model/arn.ts';

/** The second argument of a Lambda handler, as the Node.js runtime passes it. */
export interface LambdaContext {
  callbackWaitsForEmptyEventLoop: boolean;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  getRemainingTimeInMillis(): number;
  done(error?: Error, result?: unknown): void;
  fail(error: Error | string): void;
  succeed(result: unknown): void;
}

/** Make the context of one invocation. Its deadline is when the server gives the invocation up. */
export function lambdaContext(
  fn: ResolvedFunction,
  invocation: { readonly id: string; readonly startMs: number; readonly region: string },
  clock: LocalClock,
): LambdaContext {
  const deadlineMs = invocation.startMs + fn.invocationTimeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: fn.name,
    functionVersion: fn.qualifier,
    invokedFunctionArn: functionArn(fn.name, fn.qualifier, invocation.region),
    memoryLimitInMB: '1024',
    awsRequestId: invocation.id,
    logGroupName: `/aws/lambda/${fn.name}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - clock.nowMs()),
    done: legacy,
    fail: legacy,
    succeed: legacy,
  };
}

/** The callback style of the first Node.js runtimes; the current one does not have it either. */
function legacy(): void {
  throw new Error('context.done, fail and succeed are not supported: return a promise');
}
