import { AbcaError, hydratedContextSchema, limits } from '@abca/core';
import type { CallOptions, Clock, ContextStore, HydratedContext, IdGenerator, TaskId } from '@abca/core';
import { DeleteCommand, GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { callDynamo } from '../dynamo/call-dynamo.ts';
import type { Item } from '../dynamo/conditional-write.ts';
import { corrupt } from '../dynamo/item-codec.ts';

/** An item holds 400 KB with its names. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const chunkBytes = 350 * 1024;

/** Says which chunks make up the context. Written last: a context that was half written is never read. */
const manifestSchema = z.object({ version: z.string(), chunks: z.number().int().positive() });
type Manifest = z.infer<typeof manifestSchema>;

/** What a context store works with. */
export interface ContextStoreOptions {
  /** Name of the tasks table: contexts lie beside their tasks. */
  readonly table: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly ids: Pick<IdGenerator, 'newEventId'>;
}

/** {@link ContextStore} in chunks, under a manifest that names the valid ones. */
export class DynamoContextStore implements ContextStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #options: ContextStoreOptions;

  constructor(client: DynamoDBDocumentClient, options: ContextStoreOptions) {
    this.#client = client;
    this.#options = options;
  }

  async put(taskId: TaskId, context: HydratedContext, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const bytes = Buffer.from(JSON.stringify(context));
    const before = await this.#findManifest(taskId, options);
    const manifest = { version: this.#options.ids.newEventId(), chunks: Math.ceil(bytes.length / chunkBytes) };
    await Promise.all(
      chunkKeys(taskId, manifest).map((key, n) => {
        const data = bytes.subarray(n * chunkBytes, (n + 1) * chunkBytes);
        return this.#write({ task_id: key, data }, options);
      }),
    );
    await this.#write({ task_id: manifestKey(taskId), ...manifest }, options);
    if (before !== undefined) await this.#remove(chunkKeys(taskId, before), options);
  }

  async find(taskId: TaskId, options: CallOptions = {}): Promise<HydratedContext | undefined> {
    const manifest = await this.#findManifest(taskId, options);
    if (manifest === undefined) return undefined;
    const chunks = await this.#readChunks(taskId, manifest, options);
    if (chunks !== undefined) return parseContext(taskId, Buffer.concat(chunks));
    const current = await this.#findManifest(taskId, options);
    // It was replaced between the two reads; what is named now is there.
    if (current?.version !== manifest.version) return this.find(taskId, options);
    throw new AbcaError('STORE_CORRUPT', `the context of task ${taskId} lacks a part; hydrate the task again`);
  }

  async #findManifest(taskId: TaskId, options: CallOptions): Promise<Manifest | undefined> {
    const item = await this.#read(manifestKey(taskId), options);
    if (item === undefined) return undefined;
    const parsed = manifestSchema.safeParse(item);
    if (!parsed.success) throw corrupt(`the context of task ${taskId}`, parsed.error);
    return parsed.data;
  }

  async #readChunks(taskId: TaskId, manifest: Manifest, options: CallOptions): Promise<Uint8Array[] | undefined> {
    const items = await Promise.all(chunkKeys(taskId, manifest).map((key) => this.#read(key, options)));
    const chunks = items.map((item) => item?.['data']).filter((data) => data instanceof Uint8Array);
    return chunks.length === items.length ? chunks : undefined;
  }

  async #read(key: string, options: CallOptions): Promise<Item | undefined> {
    const get = new GetCommand({ TableName: this.#options.table, Key: { task_id: key }, ConsistentRead: true });
    return (await callDynamo(`reading ${key}`, options, (http) => this.#client.send(get, http))).Item;
  }

  async #write(item: Item & { readonly task_id: string }, options: CallOptions): Promise<void> {
    const ttl = Math.ceil((this.#options.clock.nowMs() + limits.taskTtlMs) / 1000);
    const put = new PutCommand({ TableName: this.#options.table, Item: { ...item, ttl } });
    await callDynamo(`writing ${item.task_id}`, options, (http) => this.#client.send(put, http));
  }

  async #remove(keys: readonly string[], options: CallOptions): Promise<void> {
    await Promise.all(
      keys.map((key) => {
        const remove = new DeleteCommand({ TableName: this.#options.table, Key: { task_id: key } });
        return callDynamo(`removing ${key}`, options, (http) => this.#client.send(remove, http));
      }),
    );
  }
}

const manifestKey = (taskId: TaskId): string => `${taskId}#context`;

function chunkKeys(taskId: TaskId, { version, chunks }: Manifest): readonly string[] {
  return Array.from({ length: chunks }, (_, n) => `${taskId}#context#${version}#${String(n)}`);
}

function parseContext(taskId: TaskId, bytes: Buffer): HydratedContext {
  const parsed = hydratedContextSchema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  throw corrupt(`the context of task ${taskId}`, parsed.error);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
