import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { drained, editingWorld, session, World, wipRef } from './session/session.test-kit.ts';
import { runProgram } from './run-program.ts';

function parts(world: World, createDeps = () => world.deps()): Parameters<typeof runProgram>[1] {
  return { session, logger: world.logger, createDeps };
}

describe('runProgram()', () => {
  test('exits with 0 when the result is reported', async () => {
    const world = await editingWorld();

    expect(await world.settle(runProgram(new EventEmitter(), parts(world)))).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'])(
    'ends in order on %s, and is not hurried by a second one',
    async (signal) => {
      const host = new EventEmitter();
      const world = await editingWorld([{ kind: 'waitForAbort' }]);
      const running = runProgram(host, parts(world));
      await drained();

      host.emit(signal);
      host.emit(signal);
      host.emit('SIGTERM');

      expect(await world.settle(running)).toBe(143);
      expect((await world.row()).result?.failure?.message).toBe(`the session was asked to end by ${signal}`);
      expect(world.filesAt(wipRef)).toHaveProperty(['fix.ts']);
    },
  );

  test.each(['uncaughtException', 'unhandledRejection'])('saves the work and reports on %s', async (event) => {
    const host = new EventEmitter();
    const world = await editingWorld([{ kind: 'waitForAbort' }]);
    const running = runProgram(host, parts(world));
    await drained();

    host.emit(event, new Error('boom'));
    await world.settle(running);

    expect((await world.row()).result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'INTERNAL_ERROR', message: 'an error was not caught: boom' },
    });
    expect(world.filesAt(wipRef)).toHaveProperty(['fix.ts']);
  });

  test('exits with 1 when nothing can be wired', async () => {
    const world = await World.create();

    const code = await runProgram(
      new EventEmitter(),
      parts(world, () => {
        throw new Error('no adapter');
      }),
    );

    expect(code).toBe(1);
    expect(world.logger.lines.at(-1)).toMatchObject({ level: 'error', message: 'session crashed' });
  });
});
