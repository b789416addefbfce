import { describe, expect, test } from '@jest/globals';
import { factsOfRelative } from './path-facts.ts';

const kindsOf = (path: string): readonly string[] => factsOfRelative(path).kinds;

describe('the kinds of a path', () => {
  test.each([
    '.env',
    'a/b/.env',
    '~/.env',
    '../x/.env',
    '.ENV',
    '.env.local',
    '.Env.Production',
    '.env.example.local',
    '.envrc',
    'prod.env',
    '.env.*',
  ])('environment file: %s', (path) => {
    expect(kindsOf(path)).toStrictEqual(['env_file']);
  });

  test.each([
    'id_rsa',
    '~/.ssh/id_ed25519',
    '~/.ssh',
    '~/.ssh/config',
    '../../home/dev/.ssh/known_hosts',
    '../../root/.ssh/x',
    '../../Users/x/.ssh/y',
    'a/SERVER.PEM',
    'server.key',
    'a.p12',
    'a.pfx',
    'a.jks',
    'app.keystore',
    '.npmrc',
    'packages/a/.npmrc',
    '~/.yarnrc.yml',
    '~/.netrc',
    '~/.pypirc',
    '~/.git-credentials',
    '~/.aws/credentials',
    '../x/.aws/config',
    '.docker/config.json',
    '~/.kube/config',
    'kubeconfig',
    '~/.config/gh/hosts.yml',
    '~/.config/git/credentials',
    '~/.config/gcloud/credentials.db',
    '~/.azure/accessTokens.json',
    '~/.gnupg/private-keys-v1.d/x',
    '~/.cargo/credentials.toml',
    '~/.gem/credentials',
    '.bundle/config',
    'service-account.json',
    'gcp_service_account_prod.json',
    'serviceAccountKey.json',
    'client_secret_1.json',
    'credentials.json',
    'secrets.yaml',
    '.htpasswd',
  ])('credentials: %s', (path) => {
    expect(kindsOf(path)).toStrictEqual(['credentials']);
  });

  test.each([
    '.',
    'env',
    'src/env.ts',
    '.environment',
    'a.environment',
    '.env.example',
    'a/.env.sample',
    '.env.template',
    'x.env.example',
    '.envs/a',
    'keys.ts',
    'monkey',
    'id_rsa.pub',
    'a.key.md',
    'docs/credentials.md',
    'credentials/index.ts',
    'aws/credentials',
    'docker/config.json',
    'src/.ssh-test/x',
    'account.json',
    'secrets.ts',
    '.npmrc.md',
  ])('nothing in particular: %s', (path) => {
    expect(kindsOf(path)).toStrictEqual([]);
  });
});
