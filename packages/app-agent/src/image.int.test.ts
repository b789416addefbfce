import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { repairScript } from '@abca/scripted-model';
import { AssembledImage, ContainerRuns, traced, type RunningServer } from './image.test-kit.ts';
import { RealWorld, type RunningSession } from './real-session.test-kit.ts';

const sdk = 'node_modules/@anthropic-ai/claude-agent-sdk';
const cedar = 'node_modules/@cedar-policy/cedar-wasm';
const files = {
  'sum.mjs': 'export const sum = (a, b) => a - b;\n',
  'test.mjs': [
    "import { sum } from './sum.mjs';",
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
/** Of a container, and for nobody in it but the program. */
const ofContainer = { AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE', AWS_SESSION_TOKEN: 'of-the-role', ANTHROPIC_NOTE: 'x' };
/** ECS gives 30 s by default, AgentCore 15. */
const graceMs = 10_000;

// Real processes on a machine that others may keep busy.
jest.setTimeout(90_000);

describe('the image', () => {
  let image: AssembledImage;
  let world: RealWorld;
  let containers: ContainerRuns;
  let untouched: readonly string[];

  beforeAll(async () => {
    image = await AssembledImage.assemble();
    world = await RealWorld.create(files, []);
    containers = new ContainerRuns(world, image);
    untouched = await image.look();
  });

  afterEach(async () => {
    expect(await image.look()).toStrictEqual(untouched);
  });

  afterAll(async () => {
    await world.end();
    await image.end();
  });

  const loadedBy = (program: string): string[] =>
    [program, `${sdk}/sdk.mjs`, `${cedar}/nodejs/cedar_wasm.js`].map((path) => join(image.appDir, path)).sort();

  test('holds what its programs load, and nothing else', async () => {
    const { manifest } = image;
    const platform = `${sdk}-linux-${process.arch}`;

    expect(manifest.files.map(({ path }) => path)).toStrictEqual([
      'LICENSE',
      'agent-server.mjs',
      'agent.mjs',
      ...['LICENSE.md', 'claude', 'package.json'].map((name) => `${platform}/${name}`),
      ...['LICENSE.md', 'package.json', 'sdk.mjs'].map((name) => `${sdk}/${name}`),
      ...['cedar_wasm.js', 'cedar_wasm_bg.wasm', 'package.json'].map((name) => `${cedar}/nodejs/${name}`),
      `${cedar}/package.json`,
      'package.json',
    ]);
    // The program of the SDK is all but ten of it. AgentCore takes images of up to 2 GB.
    expect(manifest.totalBytes / 1e6).toBeLessThan(500);
    for (const program of ['agent.mjs', 'agent-server.mjs']) {
      expect(await readFile(join(image.appDir, program), 'utf8')).not.toContain(process.cwd());
    }
  });

  test('is what the Dockerfile copies and starts', async () => {
    const lines = (await readFile(new URL('../Dockerfile', import.meta.url), 'utf8')).split('\n');
    const of = (name: string): string[] => lines.filter((line) => line.startsWith(`${name} `));

    expect(of('ARG')).toStrictEqual([expect.stringMatching(/^ARG BASE=\S+\/node@sha256:[0-9a-f]{64}$/)]);
    expect([...of('COPY'), ...of('ADD')]).toStrictEqual(['COPY --chown=0:0 app/ /app/']);
    expect(of('USER')).toStrictEqual(['USER 1000:1000']);
    const programs = [...lines.join('\n').matchAll(/"\/app\/([^"]+)"/g)].map(([, name]) => name);
    expect(programs.sort()).toStrictEqual(['agent-server.mjs', 'agent.mjs']);
  });

  test('takes a task to a pushed branch as a batch run', async () => {
    const session = await containers.batch({ script: repair, env: { ...ofContainer, ...traced } });

    expect([await session.exited, session.output()]).toStrictEqual([0, expect.any(String)]);

    await expectDelivered(world, session);
    expect(await shellNames(session)).not.toMatch(/AWS_|ANTHROPIC|ENDPOINT|TABLE_PREFIX|ACCESS_KEY/);
    expect(await containers.loaded()).toStrictEqual(loadedBy('agent.mjs'));
  });

  test('takes a task to a pushed branch as a server, and stays', async () => {
    const server = await containers.server({ script: repair, env: { ...ofContainer, ...traced } });
    expect(await server.ping()).toMatchObject({ status: 'Healthy' });

    const answer = await server.invoke(server.environment);

    expect(answer).toStrictEqual({
      status: 200,
      body: { accepted: true, session_id: server.environment['ABCA_SESSION_ID'] },
    });
    expect(await server.ping()).toMatchObject({ status: 'HealthyBusy' });
    await idle(server);
    await expectDelivered(world, server);
    expect(await shellNames(server)).not.toMatch(/AWS_|ANTHROPIC|ENDPOINT|TABLE_PREFIX|ACCESS_KEY|PORT|HOST/);
    const told = (await server.log()).length;
    expect(await server.invoke(server.environment)).toStrictEqual(answer);
    expect(await server.ping()).toMatchObject({ status: 'Healthy' });
    expect(await server.log()).toHaveLength(told);

    server.child.kill('SIGTERM');

    expect(await server.exited).toBe(0);
    expect(await containers.loaded()).toStrictEqual(loadedBy('agent-server.mjs'));
  });

  test.each(['batch', 'server'] as const)('saves the work and reports when a %s run is asked to end', async (mode) => {
    const session = await containers[mode]({ script: hang });
    if ('invoke' in session) await (session as RunningServer).invoke((session as RunningServer).environment);
    await session.event(
      ({ eventType, metadata }) => eventType === 'agent_tool_call' && metadata['tool_input_preview'] === 'sleep 600',
    );
    const askedAtMs = performance.now();

    session.child.kill('SIGTERM');

    expect(await session.exited).toBe(143);
    expect(performance.now() - askedAtMs).toBeLessThan(graceMs);
    expect((await session.row()).result).toMatchObject({ outcome: 'cancelled', failure: { code: 'AGENT_TERMINATED' } });
    const wip = `refs/abca/${session.taskId.toLowerCase()}/wip:new.txt`;
    expect(await world.git(world.bare, 'show', wip)).toBe('kept');
  });

  test('says what a container that is not set up lacks, and starts nothing', async () => {
    const server = await containers.server({ script: repair, env: { ABCA_SCRIPTED_MODEL_URL: '' } });

    expect(await server.invoke(server.environment)).toMatchObject({
      status: 500,
      body: { error: { code: 'CONFIG_INVALID', message: expect.stringContaining('no model is configured') } },
    });
    expect(await server.ping()).toMatchObject({ status: 'Healthy' });
  });
});

async function expectDelivered(world: RealWorld, session: RunningSession): Promise<void> {
  const { result } = await session.row();
  expect(result).toMatchObject({ outcome: 'finished', prNumber: expect.any(Number) });
  expect(await world.git(world.bare, 'rev-parse', session.branch)).toBe(result?.headSha);
  expect(await world.git(world.bare, 'show', `${session.branch}:sum.mjs`)).toContain('a + b');
  expect(world.callbacks.map(({ path }) => path)).toContainEqual(
    expect.stringMatching(new RegExp(`callback-${session.taskId}/succeed$`)),
  );
}

/** Names of variables that the agent's shell had. */
async function shellNames(session: RunningSession): Promise<string> {
  const shown = (await session.log())
    .map(({ metadata }) => String(metadata['content_preview'] ?? ''))
    .find((text) => text.includes('env '));
  expect(shown).toContain('ABCA_SESSION_ID');
  return shown ?? '';
}

async function idle(server: RunningServer): Promise<void> {
  const untilMs = performance.now() + 60_000;
  while (JSON.stringify(await server.ping()).includes('HealthyBusy') && performance.now() < untilMs) await delay(50);
  expect(await server.ping()).toMatchObject({ status: 'Healthy' });
}
