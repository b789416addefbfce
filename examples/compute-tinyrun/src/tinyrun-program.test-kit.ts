import { TinyRunServer } from './tinyrun-server.test-kit.ts';

/**
 * TinyRun as a program: for tests that have it outside of their own process, as the service is. Says where it is in a line of
 * JSON, `{endpoint, apiKey}`, and ends, with all its jobs, when its standard input does.
 */
const server = await TinyRunServer.start();
process.stdout.write(`${JSON.stringify({ endpoint: server.endpoint, apiKey: server.apiKey })}\n`);
process.stdin.on('end', () => void server.close().then(() => process.exit(0))).resume();
