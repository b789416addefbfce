import type { CallOptions, IdentityLinks, UserId } from '@abca/core';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { callDynamo } from '../dynamo/call-dynamo.ts';
import { conditionalWrite, returnOld, type Item } from '../dynamo/conditional-write.ts';
import { corrupt } from '../dynamo/item-codec.ts';

const itemSchema = z.object({ user_id: z.string().min(1) as unknown as z.ZodType<UserId, string> });

/** {@link IdentityLinks} in a table keyed by the Slack user. An item is written once and never changed. */
export class DynamoIdentityLinks implements IdentityLinks {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  /** @param options.table name of the table of Slack users */
  constructor(client: DynamoDBDocumentClient, options: { readonly table: string }) {
    this.#client = client;
    this.#table = options.table;
  }

  async link(slackUserId: string, userId: UserId, options: CallOptions = {}): Promise<'linked' | 'taken'> {
    const what = `linking Slack user ${slackUserId}`;
    const put = new PutCommand({
      TableName: this.#table,
      Item: { slack_user_id: slackUserId, user_id: userId },
      ConditionExpression: 'attribute_not_exists(slack_user_id)',
      ...returnOld,
    });
    const { kind } = await conditionalWrite(what, options, (http) => this.#client.send(put, http));
    return kind === 'written' ? 'linked' : 'taken';
  }

  async find(slackUserId: string, options: CallOptions = {}): Promise<UserId | undefined> {
    const key = { slack_user_id: slackUserId };
    const get = new GetCommand({ TableName: this.#table, Key: key, ConsistentRead: true });
    const what = `reading the link of Slack user ${slackUserId}`;
    const { Item: item } = await callDynamo(what, options, (http) => this.#client.send(get, http));
    return item === undefined ? undefined : userOf(slackUserId, item);
  }
}

function userOf(slackUserId: string, item: Item): UserId {
  const parsed = itemSchema.safeParse(item);
  if (parsed.success) return parsed.data.user_id;
  throw corrupt(`the link of Slack user ${slackUserId}`, parsed.error);
}
