import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ForgeToken, ForgeTokens } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { startFakeGitHub, type FakeGitHub } from '@abca/wire-fakes/github';
import { createGitWorld, type GitWorld } from './git-world.test-kit.ts';
import { tokenCredentials } from './git/token-credentials.ts';

const hour = 3_600_000;
const minute = 60_000;
const repo = 'acme/shop';
const bot = 'abca-bot';

/** Tokens of an hour that the forge knows, handed out again while they are good for five minutes more. */
export class RotatingTokens implements ForgeTokens {
  readonly asked: Parameters<ForgeTokens['get']>[0][] = [];
  readonly issued: string[] = [];
  readonly #github: FakeGitHub;
  readonly #held = new Map<string, ForgeToken & { readonly expiresAtMs: number }>();

  constructor(github: FakeGitHub) {
    this.#github = github;
  }

  async get(request: Parameters<ForgeTokens['get']>[0]): Promise<ForgeToken> {
    this.asked.push(request);
    const held = this.#held.get(request.access);
    const nowMs = this.#github.clock.nowMs();
    if (held !== undefined && held.token !== request.refuse && held.expiresAtMs - nowMs > 5 * minute) return held;
    const contents = request.access === 'write' ? 'write' : 'read';
    const permissions = { metadata: 'read', contents } as const;
    const expiresAtMs = nowMs + hour;
    const { token } = this.#github.addPersonalToken({ login: bot, permissions, repositories: [repo], expiresAtMs });
    this.issued.push(token);
    this.#held.set(request.access, { token, expiresAtMs });
    return { token, expiresAtMs };
  }
}

/** A world whose remote is behind HTTP with Basic authentication, and a workspace that has tokens for it. */
export interface HttpWorld extends GitWorld {
  readonly github: FakeGitHub;
  readonly tokens: RotatingTokens;
  readonly clock: FakeClock;
  /** What the programs named `git` were started with: arguments and environment, as others of the machine see them. */
  seen(): Promise<string>;
}

const ends: (() => Promise<void>)[] = [];

/** For `afterAll`. */
export async function closeServers(): Promise<void> {
  await Promise.all(ends.splice(0).map((end) => end()));
}

export async function startGitHub(clock = new FakeClock()): Promise<FakeGitHub> {
  const github = await startFakeGitHub({ clock });
  github.people.set(bot, repo, 'write');
  ends.push(() => github.close());
  return github;
}

/** @param elsewhere address of the repository, where it is not on the forge that there are tokens for */
export async function createHttpWorld(
  files?: Readonly<Record<string, string>>,
  elsewhere?: (path: string) => string,
): Promise<HttpWorld> {
  const clock = new FakeClock();
  const github = await startGitHub(clock);
  const tokens = new RotatingTokens(github);
  const credentials = tokenCredentials({ tokens, origin: github.url });
  const bin = await spyOnGit();
  const world = await createGitWorld(files, {
    cloneUrl: (bare) => {
      const { cloneUrl } = github.addRepository({ repo, gitDir: bare });
      return elsewhere?.(new URL(cloneUrl).pathname) ?? cloneUrl;
    },
    pathEnv: `${bin.dir}:${process.env['PATH'] ?? ''}`,
    credentials,
  });
  return { ...world, github, tokens, clock, seen: bin.seen };
}

/** A forge that sends everybody elsewhere. */
export interface Redirector {
  readonly url: string;
  /** For each that was sent away: whether a credential had been shown. */
  readonly sent: readonly boolean[];
}

/** @param challenge what is asked of those who show no credential, before they are sent to `target` */
export async function startRedirector(target: string, challenge?: string): Promise<Redirector> {
  const sent: boolean[] = [];
  const server = createServer(({ url = '', headers: { authorization } }, response) => {
    if (challenge !== undefined && authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return;
    }
    sent.push(authorization !== undefined);
    response.writeHead(302, { location: `${target}${url}` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(
    () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  );
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, sent };
}

/**
 * Look at the arguments and environments of all processes while the remote takes a push: the program that holds the token waits for its
 * answer then.
 *
 * @returns what was seen
 */
export async function lookDuringPush({ bare, root }: GitWorld): Promise<() => Promise<string>> {
  const log = join(root, 'processes');
  const hook = join(bare, 'hooks', 'pre-receive');
  await mkdir(join(bare, 'hooks'), { recursive: true });
  await writeFile(
    hook,
    `#!/bin/sh\ncat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' >'${log}'\n`,
  );
  await chmod(hook, 0o755);
  return () => readFile(log, 'utf8');
}

/**
 * A `git` that writes down what anybody of the machine can see of it before it becomes git: arguments, environment, and what its
 * files give to a process that opens them by `/proc`.
 */
async function spyOnGit(): Promise<{ dir: string; seen(): Promise<string> }> {
  const { root } = await createGitWorld();
  const dir = join(root, 'bin');
  const log = join(root, 'log');
  await mkdir(dir);
  await mkdir(log);
  const script = [
    '#!/bin/sh',
    `exec 9>"${log}/$$"`,
    'tr "\\0" "\\n" <"/proc/$$/cmdline" >&9',
    'tr "\\0" "\\n" <"/proc/$$/environ" >&9',
    '(exec 3<&-; timeout 1 cat "/proc/$$/fd/3") >&9 2>&9',
    'exec 9>&-',
    `PATH=\${PATH#${dir}:} exec git "$@"`,
    '',
  ].join('\n');
  await writeFile(join(dir, 'git'), script);
  await chmod(join(dir, 'git'), 0o755);
  const seen = async (): Promise<string> => {
    const names = await readdir(log);
    return (await Promise.all(names.map((name) => readFile(join(log, name), 'utf8')))).join('\n');
  };
  return { dir, seen };
}

/** All text of the files in a folder and below. */
export async function textIn(dir: string): Promise<string> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
}
