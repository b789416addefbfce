import { AbcaError, tableNames, type Logger, type TableNames } from '@abca/core';
import { ensureTables } from '@abca/adapter-dynamodb';
import { startLocalDynamoDb, type ChildExit, type LocalDynamoDb } from '@abca/local-dynamodb';
import {
  createLocalLambda,
  ensureTables as ensureExecutionTables,
  type LambdaHandler,
  type LocalLambdaObserver,
} from '@abca/local-lambda';
import { createLocalClients, localRegion, type LocalClients } from './aws-clients.ts';
import type { DataFolder } from './data-folder.ts';

/** Prefix of this platform's table names. One installation, one folder, one database: it need not differ. */
export const tablePrefix = 'abca';
/** Name of the orchestrator function. */
export const orchestratorFunction = 'abca-orchestrator';
/** Name of the function that hands sessions tokens for their forge. */
export const credentialsFunction = 'abca-credentials';

/** The services that stand in for AWS, with clients that point at them. */
export interface Services {
  readonly clients: LocalClients;
  readonly tables: TableNames;
  readonly dynamoDbUrl: string;
  readonly lambdaUrl: string;
  readonly ports: { readonly dynamodb: number; readonly lambda: number };
  /** Settles when the database ends by itself. */
  readonly databaseExited: Promise<ChildExit>;
  /** Give the functions their code. Invocations that came before wait for it. */
  install(code: FunctionCode): void;
}

/** The code of the functions of a platform. */
export interface FunctionCode {
  readonly orchestrator: LambdaHandler;
  readonly credentials: LambdaHandler;
}

/** Start database and workflow engine on the ports of the last start where they are free, and own them in `stack`. */
export async function startServices(
  stack: AsyncDisposableStack,
  folder: DataFolder,
  options: { readonly logger: Logger; readonly observer?: LocalLambdaObserver },
): Promise<Services> {
  const database = await onWantedPort(folder.previous?.ports.dynamodb, (port) => startDatabase(folder, port));
  stack.defer(() => database.stop());
  const bare = createLocalClients({ dynamoDb: database.endpoint, lambda: 'http://127.0.0.1:1' }, folder.accessKeyId);
  const tables = tableNames(tablePrefix);
  await ensureTables(bare.dynamoDb, tables);
  await ensureExecutionTables(bare.dynamoDb, `${tablePrefix}-`);
  const code = Promise.withResolvers<FunctionCode>();
  const lambda = createLocalLambda({
    client: bare.dynamoDb,
    tablePrefix: `${tablePrefix}-`,
    functions: {
      [orchestratorFunction]: async (event, context) => (await code.promise).orchestrator(event, context),
      [credentialsFunction]: {
        durable: false,
        handler: async (event, context) => (await code.promise).credentials(event, context),
      },
    },
    accessKeyId: folder.accessKeyId,
    region: localRegion,
    logger: options.logger,
    ...(options.observer && { observer: options.observer }),
  });
  const listening = await onWantedPort(folder.previous?.ports.lambda, (port) => lambda.start({ port }));
  stack.defer(() => {
    bare.destroy();
  });
  stack.defer(() => lambda.close());
  const clients = createLocalClients({ dynamoDb: database.endpoint, lambda: listening.url }, folder.accessKeyId);
  stack.defer(() => {
    clients.destroy();
  });
  return {
    clients,
    tables,
    dynamoDbUrl: database.endpoint,
    lambdaUrl: listening.url,
    ports: { dynamodb: database.port, lambda: listening.port },
    databaseExited: database.exited,
    install: code.resolve,
  };
}

function startDatabase(folder: DataFolder, port: number): Promise<LocalDynamoDb> {
  return startLocalDynamoDb({ dataFile: folder.databaseFile, port });
}

/** `start` on the port of the last time, so that sessions which outlived the platform find it; else on any free one. */
export async function onWantedPort<T>(wanted: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  if (wanted === undefined) return start(0);
  try {
    return await start(wanted);
  } catch (error) {
    if (!AbcaError.is(error, 'PORT_IN_USE')) throw error;
    return start(0);
  }
}
