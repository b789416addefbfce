import { Hono, type Context } from 'hono';

import { LambdaApiError } from '../errors.ts';
import type { Engine } from '../runtime/engine.ts';
import { fail, heartbeat, succeed } from './callbacks.ts';
import { checkpoint, getExecution, getHistory, getState, stop } from './executions.ts';
import { credentialGuard, hostGuard } from './guard.ts';
import { invoke } from './invoke.ts';
import { listExecutions } from './list.ts';

/** Who may call. */
export interface AppOptions {
  readonly accessKeyId?: string | undefined;
  readonly allowedHosts: readonly string[];
}

type Operation = (engine: Engine, context: Context) => Promise<Response>;

/** The Lambda API as a Hono app. */
export function createApp(engine: Engine, options: AppOptions): Hono {
  const app = new Hono();
  const serve = (operation: Operation) => (context: Context) => operation(engine, context);
  app.use(hostGuard(options.allowedHosts));
  if (options.accessKeyId !== undefined) app.use(credentialGuard(options.accessKeyId));
  const executions = '/2025-12-01/durable-executions/:arn';
  const callbacks = '/2025-12-01/durable-execution-callbacks/:callbackId';
  app.post('/2015-03-31/functions/:name/invocations', serve(invoke));
  app.get('/2025-12-01/functions/:name/durable-executions', serve(listExecutions));
  app.post(`${executions}/checkpoint`, serve(checkpoint));
  app.get(`${executions}/state`, serve(getState));
  app.get(`${executions}/history`, serve(getHistory));
  app.post(`${executions}/stop`, serve(stop));
  app.get(executions, serve(getExecution));
  app.post(`${callbacks}/succeed`, serve(succeed));
  app.post(`${callbacks}/fail`, serve(fail));
  app.post(`${callbacks}/heartbeat`, serve(heartbeat));
  app.notFound((context) => {
    const message = `no such operation: ${context.req.method} ${context.req.path}`;
    return refuse(context, new LambdaApiError('ResourceNotFoundException', message));
  });
  app.onError((error, context) => {
    if (error instanceof LambdaApiError) return refuse(context, error);
    engine.parts.logger?.error('local lambda: a request failed', { error });
    return refuse(context, new LambdaApiError('ServiceException', 'The service encountered an internal error.'));
  });
  return app;
}

/** AWS spells the text `message` in some errors and `Message` in others; a client reads the one it knows. */
function refuse(context: Context, error: LambdaApiError): Response {
  context.header('x-amzn-errortype', error.type);
  const body = { Type: error.status < 500 ? 'User' : 'Service', message: error.message, Message: error.message };
  return context.json(body, error.status);
}
