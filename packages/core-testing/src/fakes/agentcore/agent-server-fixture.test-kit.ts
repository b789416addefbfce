import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** An agent server as a program of its own: takes its port from PORT, is busy from the first invocation on, and echoes. */
const invoked: string[] = [];

const server = createServer((request, response) => {
  if (request.url === '/ping') {
    response.end(JSON.stringify({ status: invoked.length === 0 ? 'Healthy' : 'HealthyBusy' }));
    return;
  }
  void text(request).then((body) => {
    invoked.push(body);
    const session = request.headers['x-amzn-bedrock-agentcore-runtime-session-id'];
    const user = request.headers['x-amzn-bedrock-agentcore-runtime-user-id'];
    response.writeHead(body === '"fail"' ? 500 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        session,
        user,
        type: request.headers['content-type'],
        body,
        mark: process.env['MARK'],
        invocations: invoked.length,
      }),
    );
    if (body === '"exit"') response.once('finish', () => process.exit(0));
  });
});

process.stdout.write('server starts\n');
server.listen(Number(process.env['PORT']), '127.0.0.1');
