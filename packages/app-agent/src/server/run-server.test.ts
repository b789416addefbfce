import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { AbcaError } from '@abca/core';
import { drained, editingWorld, session, World, wipRef } from '../session/session.test-kit.ts';
import { maxBodyBytes } from './answer-request.ts';
import { runServer } from './run-server.ts';
import { environment, hold, serve, type ServedAgent } from './server.test-kit.ts';

const served: ServedAgent[] = [];
async function aServer(...args: Parameters<typeof serve>): Promise<ServedAgent> {
  const agent = await serve(...args);
  served.push(agent);
  return agent;
}
afterEach(async () => {
  await Promise.all(served.splice(0).map((agent) => agent.end()));
});

const waiting = [{ kind: 'waitForAbort' }] as const;
const accepted = { status: 200, body: { accepted: true, session_id: session.sessionId } };
const other = { environment: { ...environment, ABCA_SESSION_ID: `${session.sessionId}0` } };
const refusal = (code: string, message: string) => ({
  accepted: false,
  error: { code, message: expect.stringContaining(message) as unknown },
});

describe('runServer()', () => {
  test('answers at once, works on, and is busy until the session has ended', async () => {
    const world = await editingWorld();
    const release = hold(world, 'policies.load');
    const agent = await aServer(world);
    const startedAtS = world.clock.nowMs() / 1000;

    expect(await agent.ping()).toStrictEqual({
      status: 200,
      body: { status: 'Healthy', time_of_last_update: startedAtS },
    });
    await world.clock.advance(60_000);
    expect(await agent.invoke({ environment })).toStrictEqual(accepted);
    expect((await agent.ping()).body).toStrictEqual({
      status: 'HealthyBusy',
      time_of_last_update: startedAtS + 60,
    });

    release();
    await agent.finish();

    expect((await world.row()).result?.outcome).toBe('finished');
    expect((await agent.ping()).body).toMatchObject({ status: 'Healthy' });
    expect(agent.started).toStrictEqual([environment]);
  });

  test('tells the time of the last change, not of the question', async () => {
    const world = await editingWorld(waiting);
    const agent = await aServer(world);
    await agent.invoke({ environment });
    const first = await agent.ping();

    await world.clock.advance(60_000);

    expect(await agent.ping()).toStrictEqual(first);
  });

  test('starts a session once, however many ask for it at once', async () => {
    const agent = await aServer(await editingWorld(waiting));

    const answers = await Promise.all(Array.from({ length: 20 }, () => agent.invoke({ environment })));

    expect(answers).toStrictEqual(answers.map(() => accepted));
    expect(agent.started).toHaveLength(1);
  });

  test('takes one of several sessions that ask at once', async () => {
    const agent = await aServer(await editingWorld(waiting));

    const answers = await Promise.all([agent.invoke({ environment }), agent.invoke(other)]);

    expect(answers.map(({ status }) => status).sort()).toStrictEqual([200, 409]);
    expect(agent.started).toHaveLength(1);
  });

  test('refuses another session, while one works and after it', async () => {
    const world = await editingWorld();
    const release = hold(world, 'policies.load');
    const agent = await aServer(world);
    await agent.invoke({ environment });

    const during = await agent.invoke(other);
    release();
    await agent.finish();
    const after = await agent.invoke(other);

    const why = `works on session ${session.sessionId}`;
    expect(during).toStrictEqual({ status: 409, body: refusal('SESSION_START_FAILED', why) });
    expect(after).toStrictEqual({ status: 409, body: refusal('SESSION_START_FAILED', 'has worked on') });
    expect(agent.started).toHaveLength(1);
  });

  test('answers the same after the end, and runs nothing', async () => {
    const world = await editingWorld();
    const agent = await aServer(world);
    await agent.invoke({ environment });
    await agent.finish();
    const calls = world.calls.length;

    expect(await agent.invoke({ environment })).toStrictEqual(accepted);

    await drained();
    expect(world.calls).toHaveLength(calls);
    expect((await agent.ping()).body).toMatchObject({ status: 'Healthy' });
  });

  test('does nothing twice in a container that is made again for a session with a result', async () => {
    const world = await editingWorld();
    const first = await aServer(world);
    await first.invoke({ environment });
    await first.finish();
    const before = { row: await world.row(), log: await world.log() };
    const again = await aServer(world);

    expect(await again.invoke({ environment })).toStrictEqual(accepted);
    await again.finish();

    expect({ row: (await world.row()).result, log: await world.log() }).toStrictEqual({
      row: before.row.result,
      log: before.log,
    });
  });

  test('keeps answering when the session crashes', async () => {
    const agent = await aServer(await World.create(), () => ({
      sessionId: session.sessionId,
      run: () => Promise.resolve(1),
    }));

    expect(await agent.invoke({ environment })).toStrictEqual(accepted);

    await drained();
    expect((await agent.ping()).body).toMatchObject({ status: 'Healthy' });
  });

  test('says that the container is not set up, and may be asked again', async () => {
    let broken = true;
    const run = (): Promise<number> => Promise.resolve(0);
    const agent = await aServer(await World.create(), () => {
      if (broken) throw new AbcaError('CONFIG_INVALID', 'no model is configured');
      return { sessionId: session.sessionId, run };
    });

    const refused = await agent.invoke({ environment });
    broken = false;

    expect(refused).toStrictEqual({ status: 500, body: refusal('CONFIG_INVALID', 'no model is configured') });
    expect(await agent.invoke({ environment })).toStrictEqual(accepted);
  });

  describe('when it is asked to end', () => {
    test('ends at once when idle', async () => {
      const agent = await aServer(await World.create());

      agent.host.emit('SIGTERM');

      expect(await agent.exited).toBe(0);
      await expect(fetch(agent.url)).rejects.toThrow('fetch failed');
    });

    test('saves the work and reports, busy until then', async () => {
      const world = await editingWorld(waiting);
      const agent = await aServer(world);
      await agent.invoke({ environment });
      await drained();
      const release = hold(world, 'workspace.saveWork');

      agent.host.emit('SIGTERM');
      const during = await agent.ping();
      release();

      expect(during.body).toMatchObject({ status: 'HealthyBusy' });
      expect(await world.settle(agent.exited)).toBe(143);
      expect((await world.row()).result).toMatchObject({ outcome: 'cancelled', failure: { code: 'AGENT_TERMINATED' } });
      expect(world.filesAt(wipRef)).toHaveProperty(['fix.ts']);
    });

    test('starts nothing any more, and knows its session still', async () => {
      const world = await editingWorld(waiting);
      const agent = await aServer(world);
      await agent.invoke({ environment });
      await drained();
      const release = hold(world, 'workspace.saveWork');

      agent.host.emit('SIGTERM');
      const answers = [await agent.invoke({ environment }), await agent.invoke(other)];
      release();

      expect(answers).toMatchObject([accepted, { status: 409 }]);
      expect(agent.started).toHaveLength(1);
    });

    test('ends with 0 when its session has ended before', async () => {
      const world = await editingWorld();
      const agent = await aServer(world);
      await agent.invoke({ environment });
      await agent.finish();

      agent.host.emit('SIGTERM');

      expect(await agent.exited).toBe(0);
    });

    test.each(['uncaughtException', 'unhandledRejection'])('ends in order on %s too', async (event) => {
      const world = await editingWorld(waiting);
      const [working, idle] = [await aServer(world), await aServer(await World.create())];
      await working.invoke({ environment });
      await drained();

      for (const { host } of [working, idle]) host.emit(event, new Error('boom'));

      expect(await idle.exited).toBe(1);
      await world.settle(working.exited);
      expect((await world.row()).result).toMatchObject({ outcome: 'failed', failure: { code: 'INTERNAL_ERROR' } });
      expect(world.filesAt(wipRef)).toHaveProperty(['fix.ts']);
    });
  });

  describe('over HTTP', () => {
    test.each([
      ['an unknown path', '/', 'GET', 404],
      ['a ping that is posted', '/ping', 'POST', 405],
      ['an invocation that is got', '/invocations', 'GET', 405],
    ])('refuses %s', async (_what, path, method, status) => {
      const agent = await aServer(await World.create());

      expect(await agent.ask(path, { method })).toMatchObject({ status, body: { accepted: false } });
    });

    test('does not mind a query', async () => {
      const agent = await aServer(await World.create());

      expect((await agent.ask('/ping?probe=1')).status).toBe(200);
    });

    test('takes a body up to its bound and no longer, however it is announced', async () => {
      const agent = await aServer(await World.create());
      const padded = (size: number): string => JSON.stringify({ environment }).padEnd(size, ' ');
      const streamed = { method: 'POST', body: new Blob([padded(1_000_000)]).stream(), duplex: 'half' as const };

      const answers = [
        await agent.invoke(padded(maxBodyBytes + 1)),
        await agent.ask('/invocations', streamed),
        await agent.invoke(padded(maxBodyBytes)),
      ];

      expect(answers.map(({ status }) => status)).toStrictEqual([413, 413, 200]);
      expect(agent.started).toHaveLength(1);
    });

    test('outlives a client that goes away in the middle', async () => {
      const agent = await aServer(await World.create());
      const socket = connect(Number(new URL(agent.url).port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write('POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
      socket.destroy();
      await once(socket, 'close');

      expect((await agent.ping()).status).toBe(200);
      expect(agent.started).toStrictEqual([]);
    });

    test('says that its port is taken, or its address not its own', async () => {
      const first = await aServer(await World.create());
      const { clock, logger } = await World.create();
      const prepare = (): never => {
        throw new Error('not asked for');
      };
      const start = (host: string, port: number): Promise<unknown> =>
        runServer(first.host, { address: { host, port }, clock, logger, prepare }).catch((error: unknown) => error);

      expect(await start('127.0.0.1', Number(new URL(first.url).port))).toMatchObject({ code: 'PORT_IN_USE' });
      expect(await start('192.0.2.1', 0)).toMatchObject({ code: 'CONFIG_INVALID' });
    });
  });

  test('logs no value of what it refuses', async () => {
    const agent = await aServer(await World.create());

    await agent.invoke({ environment: { ...environment, AWS_SECRET_ACCESS_KEY: 'hunter2', ABCA_FEED_URL: 'hunter2' } });
    await agent.invoke('{"hunter2"');

    expect(agent.logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
    expect(agent.logger.lines.map(({ fields }) => String(fields['error'])).join()).not.toContain('hunter2');
  });
});
