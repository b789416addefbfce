import type { TaskView } from '@abca/app-api';
import type { ScriptFault } from '@abca/scripted-model';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { call, getEvents, whenEnded } from './support/api.ts';
import type { PlatformProcess } from './support/platform-process.ts';
import { repo, Scene, submitTask } from './support/scene.ts';
import { savedFiles } from './support/work.ts';

// Several real agents at once on a machine that others may keep busy; those that retry take a while.
jest.setTimeout(180_000);

const faults: Readonly<Record<string, ScriptFault>> = {
  '429-once': { kind: 'http', status: 429, retryAfterS: 1, times: 1 },
  'cut-once': { kind: 'cut', afterEvents: 3, times: 1 },
  '529-always': { kind: 'http', status: 529, message: 'all busy' },
  'garbage-always': { kind: 'garbage', form: 'sse' },
};

/** 10,000 characters, as people count them, of what shells, JSON and markup choke on. */
const unit = `case-long "it's" \`quoted\` \\ $HOME \${x} <b>&amp;</b> 😀👩‍👩‍👧‍👦 é ü 漢字\t%s\r\n--flag '"' # {"a": [1]}\n`;
const longTask = [...unit.repeat(200)].slice(0, 9_999).join('') + '😀';

const write = (file: string, content: string): unknown => ({
  name: 'Write',
  input: { file_path: `{{workspace}}/${file}`, content },
});

const script = {
  turns: [
    {
      oneOf: [
        { when: { promptContains: longTask }, text: 'All of it.', tools: [write('task.txt', '{{prompt}}')] },
        { when: { promptContains: 'case-long' }, text: 'Only a part of the task arrived.' },
        { text: 'I write.', tools: [write('new.txt', 'kept')] },
      ],
    },
    {
      oneOf: [
        ...Object.entries(faults).map(([name, fault]) => ({
          when: { promptContains: name },
          text: 'I got through.',
          faults: [fault],
        })),
        {
          when: { promptContains: 'unknown-tool' },
          text: 'I leap.',
          tools: [{ name: 'Teleport', input: { to: 'x' } }],
        },
        { text: 'Done.' },
      ],
    },
    {
      oneOf: [
        {
          when: { toolResultIsError: true, toolResultContains: 'Teleport' },
          text: 'There is no such tool, so I stop.',
        },
        { text: 'I was in another place.', tools: [write('wrong.txt', 'wrong')] },
      ],
    },
  ],
};

describe('a task whose model', () => {
  let scene: Scene;
  let platform: PlatformProcess;
  let ids: Readonly<Record<string, string>>;

  beforeAll(async () => {
    ({ scene, platform } = await Scene.up({ script: script as never, flags: { leaseMs: 60_000 } }));
    const descriptions = {
      ...Object.fromEntries(Object.keys(faults).map((name) => [name, name])),
      tool: 'unknown-tool',
      long: longTask,
    };
    const submitted = Object.entries(descriptions).map(
      async ([name, task_description]) => [name, await submitTask(platform, { task_description })] as const,
    );
    ids = Object.fromEntries(await Promise.all(submitted));
  });

  afterAll(async () => {
    await scene.end();
  });

  const ended = (name: string): Promise<TaskView> => whenEnded(platform, ids[name] ?? '', 150_000);

  test.each([
    ['answers 429 once', '429-once'],
    ['stops once in the middle of its answer', 'cut-once'],
  ])('%s is COMPLETED all the same, and tells of it', async (_name, fault) => {
    const task = await ended(fault);

    expect([task.failure, task.status, task.receipt?.outcome]).toStrictEqual([undefined, 'COMPLETED', 'delivered']);
    expect(task.summary).toBe('I got through.');
    const types = (await getEvents(platform, task.task_id)).map(({ event_type }) => event_type);
    expect(types).toContain('agent_error');
  });

  test.each([
    ['answers 529 without end', '529-always', /529.*all busy/],
    ['answers garbage', 'garbage-always', /./],
  ])('%s fails with MODEL_UNAVAILABLE, its work saved', async (_name, fault, message) => {
    const task = await ended(fault);

    expect([task.status, task.failure]).toStrictEqual([
      'FAILED',
      { code: 'MODEL_UNAVAILABLE', message: expect.stringMatching(message) as unknown },
    ]);
    expect(task.receipt?.outcome).toBe('work_saved');
    expect(savedFiles(scene.remote, task.task_id)).toStrictEqual(['README.md', 'new.txt']);
  });

  test('calls a tool that does not exist is told so, and goes on', async () => {
    const task = await ended('tool');

    expect([task.failure, task.status, task.summary]).toStrictEqual([
      undefined,
      'COMPLETED',
      'There is no such tool, so I stop.',
    ]);
  });

  test('is given 10,000 characters with quotes, line breaks and emoji gets every one of them', async () => {
    const task = await ended('long');

    expect([...longTask]).toHaveLength(10_000);
    expect([task.failure, task.status]).toStrictEqual([undefined, 'COMPLETED']);
    expect(task.task_description).toBe(longTask);
    expect(scene.remote.git('show', `${String(task.branch)}:task.txt`)).toContain(longTask);
  });

  test('would be given 10,001 characters is refused when it is submitted', async () => {
    const body = { repo, task_description: `${longTask}x` };

    const answer = await call(platform, 'POST', '/v1/tasks', { body });

    expect([answer.status, answer.body.error?.code]).toStrictEqual([400, 'VALIDATION_ERROR']);
    expect(JSON.stringify(answer.body.error)).toContain('task_description');
  });
});
