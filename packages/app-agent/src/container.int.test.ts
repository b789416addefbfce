import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ModelSettings } from '@abca/adapter-claude';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aTaskId, CapturingLogger } from '@abca/core/testing';
import type { AgentConfig } from './config/load-config.ts';
import { createSessionDeps } from './container.ts';
import { session } from './session/session.test-kit.ts';

describe('createSessionDeps()', () => {
  const sockets: Socket[] = [];
  let silent: Server;
  let config: AgentConfig<ModelSettings>;

  beforeEach(async () => {
    silent = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined).resume();
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const endpoint = `http://127.0.0.1:${String((silent.address() as AddressInfo).port)}`;
    config = {
      session,
      tablePrefix: 'abca',
      region: 'us-east-1',
      dynamoDbEndpoint: endpoint,
      lambdaEndpoint: endpoint,
      feedUrl: undefined,
      localAccessKeyId: 'local',
      credentialsFunction: undefined,
      gitHubUrl: undefined,
      pathEnv: '/usr/bin',
      gitHomeDir: '/sessions/s/home/git',
      logLevel: 'info',
      model: { provider: 'scripted', baseUrl: endpoint },
    };
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    silent.close();
    await once(silent, 'close');
  });

  test('gives up on services that accept a connection and never answer', async () => {
    const deps = createSessionDeps(config, new CapturingLogger(), { connectionMs: 100, answerMs: 100 });

    const answers = await Promise.allSettled([
      deps.tasks.find(aTaskId()),
      deps.signals.complete('callback-1', { outcome: 'finished' }),
    ]);

    const unavailable = { status: 'rejected', reason: { code: 'SERVICE_UNAVAILABLE', retryable: true } };
    expect(answers).toMatchObject([unavailable, unavailable]);
    expect(sockets.length).toBeGreaterThanOrEqual(2);
  });
});
