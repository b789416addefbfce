import {
  repoConfigSchema,
  type CallOptions,
  type RepoConfig,
  type RepoConfigRepository,
  type RepoId,
} from '@abca/core';
import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { callDynamo } from '../dynamo/call-dynamo.ts';
import { itemCodec } from '../dynamo/item-codec.ts';
import { queryPage } from '../dynamo/query-page.ts';

const codec = itemCodec<RepoConfig>({
  schema: repoConfigSchema,
  kind: 'repository',
  key: 'repo',
  // What a compute backend wants to be told is its own language.
  verbatim: [['blueprint', 'compute']],
});

/** {@link RepoConfigRepository} in a table keyed by the repository's name. */
export class DynamoRepoConfigRepository implements RepoConfigRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  /** @param options.table name of the repositories table */
  constructor(client: DynamoDBDocumentClient, options: { readonly table: string }) {
    this.#client = client;
    this.#table = options.table;
  }

  async find(repo: RepoId, options: CallOptions = {}): Promise<RepoConfig | undefined> {
    const get = new GetCommand({ TableName: this.#table, Key: { repo }, ConsistentRead: true });
    const { Item: item } = await callDynamo(`reading repository ${repo}`, options, (http) =>
      this.#client.send(get, http),
    );
    return item && codec.parse(item);
  }

  async put(config: RepoConfig, options: CallOptions = {}): Promise<void> {
    const put = new PutCommand({ TableName: this.#table, Item: codec.toItem(config) });
    await callDynamo(`writing repository ${config.repo}`, options, (http) => this.#client.send(put, http));
  }

  async list(
    { limit, nextToken }: { readonly limit: number; readonly nextToken?: string },
    options: CallOptions = {},
  ): ReturnType<RepoConfigRepository['list']> {
    const { items, ...next } = await queryPage(
      this.#client,
      {
        what: 'listing the repositories',
        table: this.#table,
        index: 'by-status',
        partition: { name: 'status', value: 'active' },
        idName: 'repo',
        sortName: 'repo',
        descending: false,
        limit,
        nextToken,
      },
      options,
    );
    return { repos: items.map((item) => codec.parse(item)), ...next };
  }
}
