import { createServer, type AddressInfo } from 'node:net';

/**
 * A loopback port that is free at this moment. Another program may take it before it is used: whoever uses it tries
 * again with another one.
 */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
