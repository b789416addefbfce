import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { OwnedChild } from './owned-child.ts';

/** The program ended, or does not answer as a DynamoDB does. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
}

/** Where the program should answer, and for how long to wait for it. */
interface ReadyOptions {
  readonly port: number;
  readonly readyTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Resolves when this very child serves the port and reads its tables. Its own word comes first: on a port that another
 * one serves too, an answer alone proves nothing.
 */
export async function whenReady(child: OwnedChild, options: ReadyOptions): Promise<void> {
  const timeout = AbortSignal.timeout(options.readyTimeoutMs ?? 10_000);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const exit = child.exited.then(() => {
    throw new NotReadyError('it ended early');
  });
  try {
    await Promise.race([answers(child, options.port, signal), exit]);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw timeout.aborted ? new NotReadyError('it did not answer in time', { cause: error }) : error;
  }
}

async function answers(child: OwnedChild, port: number, signal: AbortSignal): Promise<void> {
  await child.wrote('listening', signal);
  const { TableNames: names } = (await call(port, 'ListTables', {}, signal)) as { TableNames: readonly string[] };
  // A damaged file may open and list: one item of each table shows that its pages can be read.
  for (const name of names) await call(port, 'Scan', { TableName: name, Limit: 1 }, signal);
}

async function call(port: number, operation: string, body: object, signal: AbortSignal): Promise<unknown> {
  const sent = request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    signal,
    agent: false,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      // The server wants a signature's form and does not check it.
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
  }).end(JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const answer = await json(response);
  if (response.statusCode === 200) return answer;
  throw new NotReadyError(`${operation} failed with ${String(response.statusCode)}: ${JSON.stringify(answer)}`);
}
