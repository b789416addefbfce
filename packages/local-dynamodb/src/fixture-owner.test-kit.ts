import { startLocalDynamoDb } from './start-local-dynamodb.ts';

/** A program that owns a database and waits to be killed. */
const dataFile = process.argv[2];
const database = await startLocalDynamoDb(dataFile === undefined ? {} : { dataFile });
process.stdout.write(`${JSON.stringify({ pid: database.pid, port: database.port })}\n`);
