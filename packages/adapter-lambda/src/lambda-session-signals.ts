import {
  SendDurableExecutionCallbackHeartbeatCommand,
  SendDurableExecutionCallbackSuccessCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import type { CallOptions, SessionSignals, SignalResult } from '@abca/core';
import { isCallbackGone, mapLambdaError } from './lambda-errors.ts';

/** {@link SessionSignals} on the callbacks of Lambda durable executions. */
export class LambdaSessionSignals implements SessionSignals {
  readonly #client: LambdaClient;

  constructor(client: LambdaClient) {
    this.#client = client;
  }

  async complete(callbackId: string, payload: unknown, options: CallOptions = {}): Promise<SignalResult> {
    const Result = new TextEncoder().encode(JSON.stringify(payload));
    const command = new SendDurableExecutionCallbackSuccessCommand({ CallbackId: callbackId, Result });
    return signal(() => this.#client.send(command, sendOptions(options)), 'callback was not completed', options);
  }

  async heartbeat(callbackId: string, options: CallOptions = {}): Promise<SignalResult> {
    const command = new SendDurableExecutionCallbackHeartbeatCommand({ CallbackId: callbackId });
    return signal(() => this.#client.send(command, sendOptions(options)), 'heartbeat was not sent', options);
  }
}

async function signal(send: () => Promise<unknown>, what: string, options: CallOptions): Promise<SignalResult> {
  try {
    await send();
    return { kind: 'delivered' };
  } catch (error) {
    if (isCallbackGone(error)) return { kind: 'gone' };
    throw mapLambdaError(error, what, options.signal);
  }
}

function sendOptions({ signal: abortSignal }: CallOptions): { abortSignal?: AbortSignal } {
  return abortSignal === undefined ? {} : { abortSignal };
}
