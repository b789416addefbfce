import { describe, expect, test } from '@jest/globals';
import { loadServerConfig } from './server-config.ts';

describe('loadServerConfig()', () => {
  test('is what AgentCore asks for', () => {
    expect(loadServerConfig({})).toStrictEqual({ address: { host: '0.0.0.0', port: 8080 }, logLevel: 'info' });
  });

  test('takes what is given', () => {
    expect(loadServerConfig({ PORT: '0', HOST: '127.0.0.1', ABCA_LOG_LEVEL: 'debug' })).toStrictEqual({
      address: { host: '127.0.0.1', port: 0 },
      logLevel: 'debug',
    });
  });

  test.each(['x', '-1', '65536', '1.5'])('refuses the port %s', (PORT) => {
    expect(() => loadServerConfig({ PORT })).toThrow('PORT');
  });
});
