import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { repairScript } from '@abca/scripted-model';
import { RealWorld, type RunningSession } from './real-session.test-kit.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const secret = ['ghp_', 'a1B2'.repeat(9)].join('');
const files = {
  'sum.mjs': 'export const sum = (a, b) => a - b;\n',
  'test.mjs': [
    "import { sum } from './sum.mjs';",
    `console.log('token', '${secret.slice(0, 10)}' + '${secret.slice(10)}');`,
    "console.log('env', Object.keys(process.env).sort().join(' '));",
    "console.log(sum(1, 2) === 3 ? 'TEST PASSED' : 'TEST BROKEN');",
  ].join('\n'),
};
const repair = repairScript({
  file: 'sum.mjs',
  faulty: 'a - b',
  fixed: 'a + b',
  testCommand: 'node test.mjs',
  failureMark: 'TEST BROKEN',
  successMark: 'TEST PASSED',
});
const hang = {
  turns: [
    { text: 'I write.', tools: [{ name: 'Write', input: { file_path: '{{workspace}}/new.txt', content: 'kept' } }] },
    { text: 'I wait.', tools: [{ name: 'Bash', input: { command: 'sleep 600' } }] },
    { text: 'done' },
  ],
};
const isSleep = ({
  eventType,
  metadata,
}: {
  eventType: string;
  metadata: Readonly<Record<string, unknown>>;
}): boolean => eventType === 'agent_tool_call' && metadata['tool_input_preview'] === 'sleep 600';

// Real processes on a machine that others may keep busy.
jest.setTimeout(60_000);

describe('the agent program', () => {
  let world: RealWorld;

  beforeAll(async () => {
    world = await RealWorld.create(files, ['--conditions=@abca/source', main]);
  });

  afterAll(async () => {
    await world.end();
  });

  const wipFile = (session: RunningSession, file: string): Promise<string> =>
    world.git(world.bare, 'show', `refs/abca/${session.taskId.toLowerCase()}/wip:${file}`);

  test('takes a task to a pushed branch with the fix, and reports it', async () => {
    const session = await world.start({ script: repair, task: { taskDescription: 'Fix sum()' } });

    expect([await session.exited, session.output()]).toStrictEqual([0, expect.any(String)]);

    const { result } = await session.row();
    expect(result).toMatchObject({ outcome: 'finished', prNumber: expect.any(Number), model: 'scripted' });
    expect(await world.git(world.bare, 'rev-parse', session.branch)).toBe(result?.headSha);
    expect(await world.git(world.bare, 'show', `${session.branch}:sum.mjs`)).toContain('a + b');
    expect(world.callbacks.at(-1)).toMatchObject({
      path: expect.stringMatching(new RegExp(`callback-${session.taskId}/succeed$`)),
      body: '{"outcome":"finished"}',
    });
  });

  test('shows a secret of the repository nowhere, and gives the shell nothing of the platform', async () => {
    const session = await world.start({ script: repair, env: { ANTHROPIC_AUTH_NOTE: secret } });
    await session.exited;

    const row = await session.row();
    const log = await session.log();
    expect(row.result?.outcome).toBe('finished');
    expect(JSON.stringify([row, log]) + session.output()).not.toContain(secret);
    expect(await world.git(world.bare, 'log', '-p', session.branch)).not.toContain(secret);
    const shown = log
      .map(({ metadata }) => String(metadata['content_preview'] ?? ''))
      .find((text) => text.includes('env '));
    expect(shown).toContain('ABCA_SESSION_ID');
    expect(shown).not.toMatch(/AWS_|ANTHROPIC|ENDPOINT|TABLE_PREFIX/);
  });

  test('ends on SIGTERM with the work saved, the reason reported and no process left', async () => {
    const session = await world.start({ script: hang });
    await session.event(isSleep);

    session.child.kill('SIGTERM');

    expect(await session.exited).toBe(143);
    expect((await session.row()).result).toMatchObject({ outcome: 'cancelled', failure: { code: 'AGENT_TERMINATED' } });
    expect(await wipFile(session, 'new.txt')).toBe('kept');
    expect(await processesOf(session)).toStrictEqual([]);
  });

  test('sees a cancel at its next heartbeat, saves the work and writes no result', async () => {
    const session = await world.start({ script: hang });
    await session.event(isSleep);

    await world.stores.tasks.transition({
      taskId: session.taskId,
      from: 'RUNNING',
      to: 'CANCELLED',
      atMs: Date.now(),
      events: [{ eventType: 'task_cancelled', metadata: { by: 'ann' } }],
    });

    expect(await session.exited).toBe(3);
    expect(await session.row()).not.toHaveProperty('result');
    expect(await wipFile(session, 'new.txt')).toBe('kept');
    expect((await session.log()).at(-1)?.eventType).toBe('task_cancelled');
    expect(await processesOf(session)).toStrictEqual([]);
  });

  test('leaves its work on the remote and no process behind when it is killed', async () => {
    const session = await world.start({ script: hang });
    await session.event(isSleep);

    session.child.kill('SIGKILL');
    await session.exited;

    expect(await wipFile(session, 'new.txt')).toBe('kept');
    await expectNoProcess(session);
  });

  test('outlives a dead platform by no more than its lease, with its work saved', async () => {
    const dying = await RealWorld.create(files, ['--conditions=@abca/source', main]);
    try {
      const session = await dying.start({ script: hang, env: { ABCA_HEARTBEAT_MS: '500', ABCA_LEASE_MS: '3000' } });
      await session.event(isSleep);

      const diedAtMs = Date.now();
      await dying.stopDatabase();

      expect(await session.exited).toBe(4);
      // The agent's end and the last save take their time too.
      expect(Date.now() - diedAtMs).toBeLessThan(3_000 + 10_000);
      expect(await dying.git(dying.bare, 'show', `refs/abca/${session.taskId.toLowerCase()}/wip:new.txt`)).toBe('kept');
      await expectNoProcess(session);
    } finally {
      await dying.end();
    }
  });

  test('refuses an environment that is not complete', async () => {
    const session = await world.start({ script: hang, env: { ABCA_GENERATION: 'x', AWS_REGION: '' } });

    expect(await session.exited).toBe(2);
    expect(session.output()).toMatch(
      /CONFIG_INVALID.*ABCA_GENERATION.*AWS_REGION|CONFIG_INVALID.*AWS_REGION.*ABCA_GENERATION/,
    );
  });
});

/** Command lines of living processes that bear the session's mark. */
async function processesOf({ taskId }: RunningSession): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
  const marked = await Promise.all(
    pids.map(async (pid) =>
      (await read(`/proc/${pid}/environ`)).includes(taskId) ? read(`/proc/${pid}/cmdline`) : '',
    ),
  );
  return marked.filter((command) => command !== '');
}

/** The guard of a killed session needs a moment to end what it left. */
async function expectNoProcess(session: RunningSession): Promise<void> {
  const untilMs = Date.now() + 10_000;
  while ((await processesOf(session)).length > 0 && Date.now() < untilMs) await delay(100);
  expect(await processesOf(session)).toStrictEqual([]);
}
