export { startLocalDynamoDb, type LocalDynamoDb, type LocalDynamoDbOptions } from './start-local-dynamodb.ts';
export { type ChildExit } from './owned-child.ts';
