import type { ExecutionStart } from './execution.ts';

/** Account id in every ARN of this server: there is no account. */
export const LOCAL_ACCOUNT = '000000000000';

const EXECUTION_ARN =
  /^arn:[a-zA-Z0-9-]+:lambda:([a-zA-Z0-9-]+):\d{12}:function:([a-zA-Z0-9_-]+):([a-zA-Z0-9$_.-]+)\/durable-execution\/([a-zA-Z0-9_-]+)\/([a-zA-Z0-9_-]+)$/;

/** The parts of a durable execution's ARN. */
export interface ExecutionRef {
  readonly functionName: string;
  readonly name: string;
  readonly id: string;
}

/** Write the ARN of an execution. */
export function executionArn(start: ExecutionStart, region: string): string {
  return `${functionArn(start.functionName, start.qualifier, region)}/durable-execution/${start.name}/${start.id}`;
}

/** Write the qualified ARN of a function. */
export function functionArn(functionName: string, qualifier: string, region: string): string {
  return `arn:aws:lambda:${region}:${LOCAL_ACCOUNT}:function:${functionName}:${qualifier}`;
}

/** Read an execution's ARN; `undefined` when it is not one. */
export function parseExecutionArn(arn: string): ExecutionRef | undefined {
  const match = EXECUTION_ARN.exec(arn);
  if (match === null) return undefined;
  const [, , functionName = '', , name = '', id = ''] = match;
  return { functionName, name, id };
}

/** A function as a caller may write it: a name, `name:qualifier`, a partial ARN or an ARN. */
export interface FunctionRef {
  readonly name: string;
  readonly qualifier: string | undefined;
}

const FUNCTION_REFERENCE =
  /^(?:arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:)?(?:\d{12}:)?(?:function:)?([a-zA-Z0-9_-]+)(?::(\$LATEST|[a-zA-Z0-9_-]+))?$/;

/** Read a function reference; `undefined` when it is none of the four forms. */
export function parseFunctionReference(text: string): FunctionRef | undefined {
  const match = FUNCTION_REFERENCE.exec(text);
  if (match === null) return undefined;
  return { name: match[1] ?? '', qualifier: match[2] };
}
