import {
  notificationSettingsSchema,
  type CallOptions,
  type NotificationSettings,
  type NotificationSettingsRepository,
  type UserId,
} from '@abca/core';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { callDynamo } from '../dynamo/call-dynamo.ts';
import { itemCodec } from '../dynamo/item-codec.ts';

const storedSchema = z.object({ userId: z.string(), settings: notificationSettingsSchema });
const codec = itemCodec<z.infer<typeof storedSchema>>({
  schema: storedSchema,
  kind: 'notification settings of',
  key: 'user_id',
  verbatim: [],
});

/** {@link NotificationSettingsRepository} in a table keyed by user. */
export class DynamoNotificationSettingsRepository implements NotificationSettingsRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  /** @param options.table name of the notification settings table */
  constructor(client: DynamoDBDocumentClient, options: { readonly table: string }) {
    this.#client = client;
    this.#table = options.table;
  }

  async get(userId: UserId, options: CallOptions = {}): Promise<NotificationSettings> {
    const get = new GetCommand({ TableName: this.#table, Key: { user_id: userId }, ConsistentRead: true });
    const { Item: item } = await callDynamo(`reading the notification settings of ${userId}`, options, (http) =>
      this.#client.send(get, http),
    );
    return item === undefined ? {} : codec.parse(item).settings;
  }

  async put(userId: UserId, settings: NotificationSettings, options: CallOptions = {}): Promise<void> {
    const put = new PutCommand({ TableName: this.#table, Item: codec.toItem({ userId, settings }) });
    await callDynamo(`writing the notification settings of ${userId}`, options, (http) => this.#client.send(put, http));
  }
}
