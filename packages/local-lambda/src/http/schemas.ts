import * as z from 'zod';

import { LIMITS } from '../model/limits.ts';

/**
 * Shapes and ranges of the API's requests.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html
 */
const operationId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-zA-Z0-9-_]+$/);
const timerSeconds = (least: number): z.ZodInt => z.int().min(least).max(LIMITS.timerSeconds);
const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);

/** An error object in a request. */
export const errorObjectSchema = z.object({
  ErrorMessage: z.string().optional(),
  ErrorType: z.string().optional(),
  ErrorData: z.string().optional(),
  StackTrace: z.array(z.string()).optional(),
});

const updateSchema = z.object({
  Id: operationId,
  ParentId: operationId.optional(),
  Name: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[\x20-\x7E]+$/)
    .optional(),
  Type: z.enum(['EXECUTION', 'CONTEXT', 'STEP', 'WAIT', 'CALLBACK', 'CHAINED_INVOKE']),
  SubType: z
    .string()
    .min(1)
    .max(32)
    .regex(/^[a-zA-Z-_]+$/)
    .optional(),
  Action: z.enum(['START', 'SUCCEED', 'FAIL', 'RETRY', 'CANCEL']),
  Payload: z.string().optional(),
  Error: errorObjectSchema.optional(),
  ContextOptions: z.object({ ReplayChildren: z.boolean().optional() }).optional(),
  StepOptions: z.object({ NextAttemptDelaySeconds: timerSeconds(1).optional() }).optional(),
  WaitOptions: z.object({ WaitSeconds: timerSeconds(1).optional() }).optional(),
  CallbackOptions: z
    .object({ TimeoutSeconds: timerSeconds(0).optional(), HeartbeatTimeoutSeconds: timerSeconds(0).optional() })
    .optional(),
  ChainedInvokeOptions: z
    .object({ FunctionName: z.string().min(1).max(200), TenantId: z.string().optional() })
    .optional(),
});

/** Body of CheckpointDurableExecution. */
export const checkpointSchema = z.object({
  CheckpointToken: base64.min(1).max(2048),
  Updates: z.array(updateSchema).max(LIMITS.updatesPerCheckpoint).optional(),
  ClientToken: z.string().min(1).max(64).optional(),
});

/** Path parameter of the callback operations. */
export const callbackIdSchema = base64.min(1).max(1024);

/** Header of Invoke. */
export const executionNameSchema = operationId;

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const pageSize = z.coerce
  .number()
  .int()
  .min(0)
  .max(LIMITS.pageItems)
  .transform((size) => (size === 0 ? LIMITS.defaultPageItems : size));

/** Marker of a page that is cut from a list in memory: an offset. */
const offset = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

/** A moment in a query: ISO 8601 text, or seconds since the epoch. */
const moment = z.string().transform((text, context) => {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isNaN(ms)) context.addIssue({ code: 'custom', message: 'not a timestamp' });
  return ms;
});

/** Query of GetDurableExecutionState. */
export const stateQuerySchema = z.object({
  CheckpointToken: base64.min(1).max(2048),
  Marker: offset.optional(),
  MaxItems: pageSize.optional(),
});

/** Query of GetDurableExecution. */
export const executionQuerySchema = z.object({ IncludeExecutionData: flag.optional() });

/** Query of GetDurableExecutionHistory. */
export const historyQuerySchema = z.object({
  IncludeExecutionData: flag.optional(),
  MaxItems: pageSize.optional(),
  Marker: offset.optional(),
  ReverseOrder: flag.optional(),
});

/** Query of ListDurableExecutionsByFunction, without its repeated `Statuses`. */
export const listQuerySchema = z.object({
  Qualifier: z.string().optional(),
  DurableExecutionName: z.string().optional(),
  StartedAfter: moment.optional(),
  StartedBefore: moment.optional(),
  ReverseOrder: flag.optional(),
  Marker: base64.optional(),
  MaxItems: pageSize.optional(),
});

/** The statuses that ListDurableExecutionsByFunction filters by. */
export const statusesSchema = z.array(z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'STOPPED']));

/** Header of Invoke that says whether the caller waits. */
export const invocationTypeSchema = z.enum(['RequestResponse', 'Event', 'DryRun']);
