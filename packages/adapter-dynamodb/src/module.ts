import { tokens, type Clock, type IdGenerator, type TableNames } from '@abca/core';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ContainerModule } from 'inversify';
import { createDynamoStores, type DynamoStores } from './create-dynamo-stores.ts';

const stores = Symbol.for('abca.DynamoStores');

/**
 * Binds the store ports. Needs `tokens.dynamoDbClient` (a DynamoDBDocumentClient), `tokens.clock` and `tokens.idGenerator`.
 */
export function dynamoDbModule({ tables }: { readonly tables: TableNames }): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const one = <T>(pick: (from: DynamoStores) => T): [(from: DynamoStores) => T, [typeof stores]] => [pick, [stores]];
    bind(stores)
      .toResolvedValue(
        (client: DynamoDBDocumentClient, clock: Clock, ids: IdGenerator) =>
          createDynamoStores(client, { tables, clock, ids }),
        [tokens.dynamoDbClient, tokens.clock, tokens.idGenerator],
      )
      .inSingletonScope();
    bind(tokens.taskRepository).toResolvedValue(...one((from) => from.tasks));
    bind(tokens.approvalRepository).toResolvedValue(...one((from) => from.approvals));
    bind(tokens.eventLog).toResolvedValue(...one((from) => from.events));
    bind(tokens.slotRepository).toResolvedValue(...one((from) => from.slots));
    bind(tokens.rateLimiter).toResolvedValue(...one((from) => from.rates));
    bind(tokens.repoConfigRepository).toResolvedValue(...one((from) => from.repos));
    bind(tokens.contextStore).toResolvedValue(...one((from) => from.contexts));
    bind(tokens.notificationSettings).toResolvedValue(...one((from) => from.notificationSettings));
    bind(tokens.identityLinks).toResolvedValue(...one((from) => from.identityLinks));
    bind(tokens.outbox).toResolvedValue(...one((from) => from.outbox));
  });
}
