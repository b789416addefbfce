import { fileURLToPath } from 'node:url';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
  type StopRuntimeSessionCommandOutput,
} from '@aws-sdk/client-bedrock-agentcore';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  agentServerLauncher,
  FakeAgentCore,
  FakeAgentProgram,
  fakeRuntimeArn,
  type FakeAgentCoreOptions,
} from './index.ts';

const minute = 60_000;
const id = (name: string): string => `session-${name.padEnd(33, '-')}`;
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface World {
  readonly fake: FakeAgentCore;
  readonly program: FakeAgentProgram;
  invoke(sessionId: string, payload?: unknown, runtimeUserId?: string): Promise<unknown>;
  stop(sessionId: string, clientToken?: string): Promise<StopRuntimeSessionCommandOutput>;
}

async function startWorld(options: Partial<FakeAgentCoreOptions> = {}): Promise<World> {
  const program = new FakeAgentProgram();
  const fake = await FakeAgentCore.start({ launch: program.launch, ...options });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new BedrockAgentCoreClient({ endpoint: fake.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  cleanUps.push(
    () => fake.close(),
    () => client.destroy(),
  );
  const invoke = async (sessionId: string, payload: unknown = {}, runtimeUserId?: string): Promise<unknown> => {
    const asked = { agentRuntimeArn: fakeRuntimeArn, runtimeSessionId: sessionId, payload: JSON.stringify(payload) };
    const { response } = await client.send(
      new InvokeAgentRuntimeCommand({ ...asked, ...(runtimeUserId !== undefined && { runtimeUserId }) }),
    );
    return JSON.parse((await response?.transformToString()) ?? '');
  };
  const stop = (sessionId: string, clientToken?: string): Promise<StopRuntimeSessionCommandOutput> =>
    client.send(
      new StopRuntimeSessionCommand({
        agentRuntimeArn: fakeRuntimeArn,
        runtimeSessionId: sessionId,
        ...(clientToken !== undefined && { clientToken }),
      }),
    );
  return { fake, program, invoke, stop };
}

const refusal = (name: string): object => expect.objectContaining({ name }) as object;

/** Bounded poll: fifteen seconds. */
async function eventually(probe: () => boolean): Promise<void> {
  for (let turn = 0; turn < 3_000 && !probe(); turn += 1) await sleep(5);
  expect(probe()).toBe(true);
}

describe('sessions', () => {
  test('begin with the first invocation of their id, and are the same for later ones', async () => {
    const { fake, program, invoke } = await startWorld();

    expect(await invoke(id('a'), { environment: {} })).toStrictEqual({ accepted: true, session_id: id('a') });
    await Promise.all([invoke(id('a')), invoke(id('a')), invoke(id('b'))]);

    expect(program.begun).toStrictEqual([id('a'), id('b')]);
    expect(fake.session(id('a'))).toMatchObject({ environment: 1, runtimeArn: fakeRuntimeArn });
    expect(fake.session(id('c'))).toBeUndefined();
  });

  test('that are idle end after the idle time, counted from the last invocation', async () => {
    const { fake, program, invoke } = await startWorld();
    await invoke(id('a'));
    program.finish(id('a'));

    await fake.advance(14 * minute);
    await invoke(id('a'));
    await fake.advance(14 * minute);
    expect(fake.session(id('a'))?.endedBy).toBeUndefined();
    await fake.advance(minute);

    expect(fake.session(id('a'))).toMatchObject({ endedBy: 'idle', environment: 1 });
  });

  test('that say they are busy stay, until their lifetime is over', async () => {
    const { fake, invoke } = await startWorld();
    await invoke(id('a'));

    await fake.advance(479 * minute);
    expect(fake.session(id('a'))?.endedBy).toBeUndefined();
    await fake.advance(minute);

    expect(fake.session(id('a'))).toMatchObject({ endedBy: 'lifetime' });
  });

  test('that do not answer pings end as unhealthy', async () => {
    const { fake, program, invoke } = await startWorld();
    await invoke(id('a'));

    program.ignorePings();
    await fake.advance(2 * minute);

    expect(fake.session(id('a'))).toMatchObject({ endedBy: 'unhealthy' });
  });

  test('whose container ends are over', async () => {
    const { fake, program, invoke } = await startWorld();
    await invoke(id('a'));

    program.crash(id('a'));
    await eventually(() => fake.session(id('a'))?.endedBy !== undefined);

    expect(fake.session(id('a'))).toMatchObject({ endedBy: 'container_exited' });
  });

  test('that ended and are invoked get a new environment (L21)', async () => {
    const { fake, invoke, stop } = await startWorld();
    await invoke(id('a'));
    await stop(id('a'));

    await invoke(id('a'));

    expect(fake.session(id('a'))).toMatchObject({ environment: 2 });
    expect(fake.session(id('a'))?.endedBy).toBeUndefined();
  });

  test('have limits that may be set', async () => {
    const { fake, program, invoke } = await startWorld({ idleMs: minute, lifetimeMs: 5 * minute });
    await invoke(id('a'));
    await invoke(id('b'));
    program.finish(id('a'));

    await fake.advance(minute);
    expect([fake.session(id('a'))?.endedBy, fake.session(id('b'))?.endedBy]).toStrictEqual(['idle', undefined]);
    await fake.advance(4 * minute);

    expect(fake.session(id('b'))).toMatchObject({ endedBy: 'lifetime' });
  });

  test('live in real time where that is asked for', async () => {
    const { fake, program, invoke } = await startWorld({ realTime: true, pingMs: 10, idleMs: 30 });
    await invoke(id('a'));
    program.finish(id('a'));

    await eventually(() => fake.session(id('a'))?.endedBy === 'idle');
  });
});

describe('StopRuntimeSession', () => {
  test('ends an active session, and finds none that is not', async () => {
    const { fake, invoke, stop } = await startWorld();
    await invoke(id('a'));

    expect(await stop(id('a'))).toMatchObject({ runtimeSessionId: id('a'), statusCode: 200 });

    expect(fake.session(id('a'))).toMatchObject({ endedBy: 'stopped' });
    await expect(stop(id('a'))).rejects.toStrictEqual(refusal('ResourceNotFoundException'));
    await expect(stop(id('b'))).rejects.toStrictEqual(refusal('ResourceNotFoundException'));
  });

  test('answers a token that was used before as it did then', async () => {
    const { invoke, stop } = await startWorld();
    const token = 'x'.repeat(33);
    await invoke(id('a'));
    await stop(id('a'), token);

    expect(await stop(id('a'), token)).toMatchObject({ runtimeSessionId: id('a') });
    await expect(stop(id('a'), 'y'.repeat(33))).rejects.toStrictEqual(refusal('ResourceNotFoundException'));
  });
});

describe('refusals', () => {
  test.each([32, 257])('of a session id with %d characters', async (length) => {
    const { invoke } = await startWorld();

    await expect(invoke('x'.repeat(length))).rejects.toStrictEqual(refusal('ValidationException'));
  });

  test('of a runtime that does not exist', async () => {
    const { fake, invoke, stop } = await startWorld({ runtimeArns: ['arn:other'] });

    await expect(invoke(id('a'))).rejects.toStrictEqual(refusal('ResourceNotFoundException'));
    await expect(stop(id('a'))).rejects.toStrictEqual(refusal('ResourceNotFoundException'));
    expect(fake.requests.map(({ operation }) => operation)).toStrictEqual(['invoke', 'stop']);
  });

  test('of more sessions than the account may have', async () => {
    const { invoke, stop } = await startWorld({ maxSessions: 1 });
    await invoke(id('a'));

    await expect(invoke(id('b'))).rejects.toStrictEqual(refusal('ServiceQuotaExceededException'));
    await invoke(id('a'));
    await stop(id('a'));

    expect(await invoke(id('b'))).toMatchObject({ accepted: true });
  });

  test.each(['ThrottlingException', 'AccessDeniedException', 'ConflictException', 'InternalServerException'] as const)(
    'that are ordered come before anything is done: %s',
    async (name) => {
      const { fake, program, invoke, stop } = await startWorld();
      fake.failNext('invoke', name, 2);
      fake.failNext('stop', name);

      await expect(invoke(id('a'))).rejects.toStrictEqual(refusal(name));
      await expect(invoke(id('a'))).rejects.toStrictEqual(refusal(name));
      expect(program.begun).toStrictEqual([]);
      await invoke(id('a'));
      await expect(stop(id('a'))).rejects.toStrictEqual(refusal(name));

      expect(await stop(id('a'))).toMatchObject({ statusCode: 200 });
    },
  );

  test('of what is not signed for the service, and of what is no operation', async () => {
    const { fake } = await startWorld();
    const path = `${fake.url}/runtimes/${encodeURIComponent(fakeRuntimeArn)}`;

    expect((await fetch(`${path}/invocations`, { method: 'POST' })).status).toBe(403);
    expect((await fetch(`${path}/sessions`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${path}/invocations`)).status).toBe(404);
  });
});

describe('a container', () => {
  test('that does not come up is a RuntimeClientError, and the next one may', async () => {
    const { fake, invoke } = await startWorld();
    fake.breakContainers();

    await expect(invoke(id('a'))).rejects.toStrictEqual(refusal('RuntimeClientError'));
    await invoke(id('a'));

    expect(fake.session(id('a'))).toMatchObject({ environment: 2 });
  });

  test('that answers with an error is one too, and stays', async () => {
    const { fake, program, invoke } = await startWorld();
    program.answerNext(503, '{}');

    await expect(invoke(id('a'))).rejects.toMatchObject({
      name: 'RuntimeClientError',
      $metadata: { httpStatusCode: 424 },
    });

    expect(fake.session(id('a'))?.endedBy).toBeUndefined();
  });
});

describe('answers', () => {
  test.each(['before', 'in_the_middle'] as const)('are lost after the work was begun: %s', async (at) => {
    const { fake, program, invoke } = await startWorld();
    fake.loseNextAnswer('invoke', at);

    await expect(invoke(id('a'))).rejects.toBeDefined();

    expect(program.begun).toStrictEqual([id('a')]);
  });

  test.each(['before', 'in_the_middle'] as const)('are held after the work was begun: %s', async (at) => {
    const { fake, program, invoke } = await startWorld();
    const held = fake.holdNextAnswer('invoke', at);

    const answered = invoke(id('a'));
    await held.reached;
    expect(program.begun).toStrictEqual([id('a')]);
    held.release();

    expect(await answered).toMatchObject({ accepted: true });
  });
});

describe('agentServerLauncher()', () => {
  const fixture = fileURLToPath(new URL('agent-server-fixture.test-kit.ts', import.meta.url));
  const launcher = (...command: [string, ...string[]]) =>
    agentServerLauncher({ command, env: { MARK: 'm' }, cwd: tmpdir(), startMs: 15_000, stopGraceMs: 1_000 });
  const server = () => launcher(process.execPath, fixture);

  test('runs a server for each session and forwards to it', async () => {
    const { fake, invoke } = await startWorld({ launch: server() });

    expect(await invoke(id('a'), 'hello', 'me')).toStrictEqual({
      session: id('a'),
      user: 'me',
      type: 'application/octet-stream',
      body: '"hello"',
      mark: 'm',
      invocations: 1,
    });
    expect(await invoke(id('a'))).toMatchObject({ invocations: 2 });
    expect(await invoke(id('b'))).toMatchObject({ session: id('b'), invocations: 1 });

    await fake.advance(16 * minute);
    expect(fake.session(id('a'))?.endedBy).toBeUndefined();
  });

  test('keeps what it printed', async () => {
    const { fake, invoke, stop } = await startWorld({ launch: server() });
    await invoke(id('a'));
    await stop(id('a'));

    expect(await fake.logOf(id('a'))).toBe('server starts\n');
    expect(await fake.logOf(id('b'))).toBe('');
  });

  test('ends it with the session, and the session with it', async () => {
    const { fake, invoke, stop } = await startWorld({ launch: server() });
    await invoke(id('a'));
    await stop(id('a'));
    expect(await invoke(id('a'))).toMatchObject({ invocations: 1 });

    await invoke(id('a'), 'exit');
    await eventually(() => fake.session(id('a'))?.endedBy === 'container_exited');

    expect(fake.session(id('a'))).toMatchObject({ environment: 2 });
  });

  test.each([
    ['an error of the server', server, 'fail'],
    ['a server that ends at once', () => launcher('/bin/sh', '-c', 'echo broken; exit 3'), 'hello'],
  ])('passes on %s as RuntimeClientError', async (_what, launch, payload) => {
    const { invoke } = await startWorld({ launch: launch() });

    await expect(invoke(id('a'), payload)).rejects.toStrictEqual(refusal('RuntimeClientError'));
  });

  test('says why a server did not come up', async () => {
    const key = { runtimeArn: fakeRuntimeArn, sessionId: id('a') };

    await expect(launcher('/bin/sh', '-c', 'echo broken; exit 3')(key)).rejects.toThrow(
      /did not come up: it ended with exit code 3\nbroken/,
    );
    const slow = agentServerLauncher({ command: ['/bin/sleep', '60'], env: {}, cwd: tmpdir(), startMs: 40 });
    await expect(slow(key)).rejects.toThrow(/did not come up in 40 ms/);
  });
});
