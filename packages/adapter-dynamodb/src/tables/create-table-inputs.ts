import { tableDescriptions, tableKinds, type KeyAttribute, type TableDescription, type TableNames } from '@abca/core';
import type { CreateTableCommandInput, KeySchemaElement } from '@aws-sdk/client-dynamodb';

/** What `CreateTable` takes for each table of an installation, from core's descriptions. */
export function createTableInputs(names: TableNames): readonly CreateTableCommandInput[] {
  return tableKinds.map((kind) => createTableInput(names[kind], tableDescriptions[kind]));
}

function createTableInput(name: string, table: TableDescription): CreateTableCommandInput {
  const keys = [table, ...table.indexes].flatMap(({ partition, sort }) => (sort ? [partition, sort] : [partition]));
  const types = new Map(keys.map((key) => [key.name, key.type]));
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keySchema(table),
    ...(table.indexes.length > 0 && {
      GlobalSecondaryIndexes: table.indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index),
        Projection:
          index.projection === 'ALL'
            ? { ProjectionType: 'ALL' as const }
            : { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...index.projection] },
      })),
    }),
    ...(table.stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: table.stream } }),
  };
}

function keySchema({ partition, sort }: { partition: KeyAttribute; sort?: KeyAttribute }): KeySchemaElement[] {
  return [
    { AttributeName: partition.name, KeyType: 'HASH' },
    ...(sort ? [{ AttributeName: sort.name, KeyType: 'RANGE' as const }] : []),
  ];
}
