import { ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TaskView } from '@abca/app-api';
import { getEvents, whenEnded } from './support/api.ts';
import type { PlatformProcess } from './support/platform-process.ts';
import { Scene, submitTask } from './support/scene.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(90_000);

/** Put together at run time, so that no scanner takes this file for a leak. None was ever valid. */
const awsKey = ['AKIA', 'Q7XZ3M5N', 'T2V4W6Y9'].join('');
const githubToken = ['ghp_', randomBytes(18).toString('hex')].join('');
const planted = randomBytes(24).toString('base64url');
const secrets = { awsKey, githubToken, planted };

/** Prints a key that is nowhere in its text, and the whole environment. */
const noisyTest = `
const half = (text, from) => Buffer.from(text, 'base64').toString();
console.log('key', half('${Buffer.from(awsKey).toString('base64')}'));
console.log('push with', half('${Buffer.from(githubToken).toString('base64')}'));
console.log('planted', process.env.MY_SECRET_TOKEN ?? 'not set');
console.log('TEST RAN');
`;

const write = { name: 'Write', input: { file_path: '{{workspace}}/report.txt', content: 'It said: {{toolResult}}' } };
const script = {
  turns: [
    {
      text: 'I test.',
      tools: [{ name: 'Bash', input: { command: 'node test.mjs; env; cat /proc/self/environ | tr "\\\\0" "\\\\n"' } }],
    },
    {
      oneOf: [
        { when: { toolResultContains: 'TEST RAN' }, text: 'It said: {{toolResult}}', tools: [write] },
        { text: 'The test did not run: {{toolResult}}' },
      ],
    },
    { text: `It is done. The environment of a process is not mine to tell.` },
  ],
};

describe('secrets in the environment of the platform and in the output of tests', () => {
  let scene: Scene;
  let platform: PlatformProcess;
  let task: TaskView;

  beforeAll(async () => {
    const env = { MY_SECRET_TOKEN: planted, GITHUB_TOKEN: githubToken, AWS_SECRET_ACCESS_KEY: planted };
    ({ scene, platform } = await Scene.up({ script, files: { 'test.mjs': noisyTest }, env }));
    const taskId = await submitTask(platform, { task_description: 'Run the test and report.' });
    task = await whenEnded(platform, taskId);
  });

  afterAll(async () => {
    await scene.end();
  });

  /** Names of the secrets that `text` shows. */
  function shownIn(text: string): readonly string[] {
    return Object.entries(secrets)
      .filter(([, secret]) => text.includes(secret))
      .map(([name]) => name);
  }

  test('are there to be found: the test ran, and its output came back without them', () => {
    expect([task.failure, task.status]).toStrictEqual([undefined, 'COMPLETED']);
    const report = scene.remote.git('show', `${String(task.branch)}:report.txt`);
    expect(report).toContain('TEST RAN');
    expect(report).toContain('planted not set');
    expect(report).toMatch(/key \[REDACTED-[A-Z_]+\]/);
    expect(shownIn(report)).toStrictEqual([]);
  });

  test('are not in the environment of the shell of the agent, and neither are credentials of the platform', () => {
    const report = scene.remote.git('show', `${String(task.branch)}:report.txt`);
    const names = [...report.matchAll(/^([A-Za-z_][A-Za-z0-9_]*)=/gm)].map(([, name]) => name);

    expect(names).toContain('ABCA_SESSION_ID');
    expect(names.filter((name) => /SECRET|TOKEN|AWS|ANTHROPIC|KEY|ENDPOINT|MODEL/.test(String(name)))).toStrictEqual(
      [],
    );
  });

  test('are in no event', async () => {
    const events = await getEvents(platform, task.task_id);

    expect(events.some(({ event_type }) => event_type === 'agent_tool_result')).toBe(true);
    expect(shownIn(JSON.stringify(events))).toStrictEqual([]);
  });

  test('are in no table', async () => {
    const { client } = scene.stores();
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    const found: string[] = [];
    for (const TableName of TableNames) {
      for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
        found.push(...shownIn(contentOf(Items)).map((name) => `${name} in ${TableName}`));
      }
    }

    expect(TableNames.length).toBeGreaterThan(4);
    expect(found).toStrictEqual([]);
  });

  test('are in no file that the platform keeps, its logs and the store of the agent included', () => {
    const files = filesUnder(scene.dataDir);
    const found = files.flatMap((file) =>
      shownIn(readFileSync(file, 'latin1')).map((name) => `${name} in ${relative(scene.dataDir, file)}`),
    );

    expect(files.some((file) => file.endsWith('agent.log'))).toBe(true);
    expect(found).toStrictEqual([]);
    expect(shownIn(platform.log())).toStrictEqual([]);
  });

  test('are in no commit and no ref of the remote', () => {
    const options = { cwd: scene.remote.path, encoding: 'latin1', maxBuffer: 2 ** 26 } as const;
    const env = { PATH: process.env['PATH'], HOME: scene.dir };
    const objects = execFileSync('git', ['cat-file', '--batch', '--batch-all-objects'], { ...options, env });

    expect(objects).toContain('report.txt');
    expect(shownIn(objects + scene.remote.refs('').join(' '))).toStrictEqual([]);
  });
});

/** Attribute values as text, binary ones decoded. */
function contentOf(items: readonly unknown[]): string {
  return JSON.stringify(items, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
}

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((file) => lstatSync(file).isFile());
}
