import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repairScript } from '@abca/scripted-model';
import { afterEach, describe, expect, test } from '@jest/globals';
import { aBench, type Bench, bash, messagesOf } from './run-claude.test-kit.ts';

const benches: Bench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.dispose()));
});

async function start(...args: Parameters<typeof aBench>): Promise<Bench> {
  const bench = await aBench(...args);
  benches.push(bench);
  return bench;
}

describe('ClaudeCodingAgent › run()', () => {
  test('repairs a bug: reads, sees the test fail, edits, sees it pass, and tells each step in order', async () => {
    const bench = await start(
      repairScript({
        file: 'sum.mjs',
        faulty: 'a - b',
        fixed: 'a + b',
        testCommand: 'node check.mjs',
        failureMark: 'WRONG',
        successMark: 'RIGHT',
      }),
      {
        'sum.mjs': 'export const sum = (a, b) => a - b;\n',
        'check.mjs':
          "import { sum } from './sum.mjs';\nconsole.log(sum(2, 3) === 5 ? 'RIGHT' : 'WRONG');\nprocess.exitCode = sum(2, 3) === 5 ? 0 : 1;\n",
      },
    );

    const outcome = await bench.run();

    expect(outcome).toStrictEqual({
      kind: 'finished',
      summary: 'Fixed: sum.mjs is corrected and the tests pass.',
      turns: 5,
      costUsd: expect.any(Number),
      inputTokens: 500,
      outputTokens: 250,
      model: 'scripted',
    });
    expect(await readFile(join(bench.workspaceDir, 'sum.mjs'), 'utf8')).toContain('a + b');
    expect(bench.gated.map(({ toolName, turn }) => [toolName, turn])).toStrictEqual([
      ['Read', 1],
      ['Bash', 2],
      ['Edit', 3],
      ['Bash', 4],
    ]);
    const cycle = ['turn', 'tool_result', 'cost'];
    expect(bench.progress.map(({ kind }) => kind)).toStrictEqual([
      'started',
      ...[cycle, cycle, cycle, cycle].flat(),
      'turn',
      'cost',
    ]);
    expect(
      bench.progress.filter(({ kind }) => kind === 'tool_result').map((event) => 'isError' in event && event.isError),
    ).toStrictEqual([false, true, false, false]);
  });

  test('tells the model why the gate denied a call, and does not run it', async () => {
    const bench = await start({ turns: [bash('touch made'), { text: 'understood' }] });

    const outcome = await bench.run({ hooks: { gate: async () => ({ kind: 'deny', reason: 'Hard-deny: no_touch' }) } });

    expect(outcome).toMatchObject({ kind: 'finished', summary: 'understood' });
    expect(bench.toolResults()).toStrictEqual([expect.stringContaining('Hard-deny: no_touch')]);
    expect(bench.progress).toContainEqual(expect.objectContaining({ kind: 'tool_result', isError: true }));
    await expect(readFile(join(bench.workspaceDir, 'made'))).rejects.toThrow('ENOENT');
  });

  test('denies when the gate throws, also for tools that read only', async () => {
    const bench = await start(
      { turns: [{ tools: [{ name: 'Read', input: { file_path: '{{workspace}}/a' } }] }, { text: 'ok' }] },
      { a: 'content of a' },
    );
    const gate = async (): Promise<never> => {
      throw new Error('engine missing');
    };

    await bench.run({ hooks: { gate } });

    expect(bench.toolResults()).toStrictEqual([expect.stringContaining('fail-closed: engine missing')]);
  });

  test('asks the gate about a tool that does not exist, and goes on', async () => {
    const bench = await start({
      turns: [{ tools: [{ name: 'Teleport', input: { to: 'mars' } }] }, { text: 'then not' }],
    });

    const outcome = await bench.run();

    expect(outcome).toMatchObject({ kind: 'finished', turns: 2 });
    expect(bench.gated).toMatchObject([{ toolName: 'Teleport', input: { to: 'mars' }, turn: 1 }]);
    expect(bench.toolResults()).toStrictEqual([expect.stringContaining('No such tool')]);
  });

  test('asks the gate about each call of a turn, after the turn was told', async () => {
    const seen: string[] = [];
    const calls = ['a', 'b', 'c'].map((name) => ({ name: 'Bash', input: { command: `echo ${name}` } }));
    const bench = await start({ turns: [{ text: 'three', tools: calls, chunkDelayMs: 20 }, { text: 'done' }] });

    await bench.run({
      hooks: {
        gate: async ({ input }) => {
          seen.push(`gate ${(input as { command: string }).command}`);
          return { kind: 'allow' };
        },
        progress: async (event) => void seen.push(event.kind === 'turn' ? `turn of ${event.toolCalls}` : event.kind),
      },
    });

    expect(seen.slice(0, 2)).toStrictEqual(['started', 'turn of 3']);
    expect(seen.filter((entry) => entry.startsWith('gate')).sort()).toStrictEqual([
      'gate echo a',
      'gate echo b',
      'gate echo c',
    ]);
    expect(seen.indexOf('tool_result')).toBeGreaterThan(seen.indexOf('turn of 3'));
  });

  test('shows the model no secret that a tool returned, whether it failed or not', async () => {
    const secret = ['AKIA', 'ABCDEFGHIJKLMNOP'].join('');
    const bench = await start(
      {
        turns: [
          { tools: [{ name: 'Read', input: { file_path: '{{workspace}}/key' } }] },
          bash('cat key'),
          bash('cat key >&2; exit 3'),
          { text: 'done' },
        ],
      },
      { key: `the key is ${secret}\n` },
    );

    await bench.run({ input: { prompt: 'Tell me the key.' } });

    expect(bench.toolResults()).toHaveLength(3);
    for (const result of bench.toolResults()) expect(result).toContain('[REDACTED-AWS_KEY]');
    expect(JSON.stringify(bench.model.requests)).not.toContain(secret);
  });

  test('gives the agent a shell whose environment holds the allow-list and nothing else', async () => {
    const bench = await start({
      turns: [
        bash('env | cut -d= -f1 | sort | tr "\\n" " "'),
        bash('tr "\\0" "\\n" < /proc/$(ps -o ppid= -p $$ | tr -d " ")/environ'),
        { text: 'done' },
      ],
    });
    process.env['PLANTED_SECRET'] = 'planted-secret-value';

    await bench.run({
      input: { shellEnvironment: { GIT_AUTHOR_NAME: "it's me" } },
      options: { model: { provider: 'anthropic', apiKey: 'real-api-key', baseUrl: bench.model.url, model: undefined } },
    });
    delete process.env['PLANTED_SECRET'];

    const [names, program] = bench.toolResults();
    const expected = ['ABCA_RUN_MARK', 'GIT_AUTHOR_NAME', 'HOME', 'PATH', 'PWD', 'SHLVL', 'TMPDIR', '_'];
    const locale = ['LANG', 'LC_ALL', 'LC_CTYPE', 'TZ'];
    expect(
      names
        ?.trim()
        .split(' ')
        .filter((name) => !locale.includes(name)),
    ).toStrictEqual(expect.arrayContaining(['ABCA_RUN_MARK', 'GIT_AUTHOR_NAME', 'HOME', 'PATH', 'TMPDIR']));
    expect(
      names
        ?.trim()
        .split(' ')
        .filter((name) => ![...expected, ...locale].includes(name)),
    ).toStrictEqual([]);
    expect(program).toContain('ANTHROPIC_BASE_URL=http://127.0.0.1');
    expect(JSON.stringify(bench.model.requests.map(({ body }) => body))).not.toMatch(/planted-secret|real-api-key/);
    expect(bench.model.requests[0]?.headers['x-api-key']).toBe('real-api-key');
  });

  test('offers the model its own tools only and takes no settings, hooks or servers from the workspace', async () => {
    const bench = await start(
      { turns: [bash('ls'), { text: 'done' }] },
      { '.mcp.json': '{"mcpServers":{"x":{"command":"touch","args":["mcp-ran"]}}}' },
    );
    await mkdir(join(bench.workspaceDir, '.claude'));
    const hook = {
      hooks: [{ type: 'command', command: `touch '${bench.workspaceDir.replace("'", "'\\''")}/hook-ran'` }],
    };
    await writeFile(
      join(bench.workspaceDir, '.claude', 'settings.json'),
      JSON.stringify({ hooks: { PreToolUse: [hook], SessionStart: [hook] } }),
    );

    await bench.run();

    const { tools } = bench.model.requests[0]?.body as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name).sort()).toStrictEqual([
      'Bash',
      'Edit',
      'Glob',
      'Grep',
      'NotebookEdit',
      'Read',
      'Write',
    ]);
    expect((await readdir(bench.workspaceDir)).sort()).toStrictEqual(['.claude', '.mcp.json']);
  });

  test('brings a prompt of 10,000 characters with quotes, line breaks and emoji to the model as it is', async () => {
    const unit = `/help @file.txt "double" 'single' \`tick\` $HOME \\n \n\t<tag> & 🎉👩‍💻 é `;
    const prompt = unit
      .repeat(Math.ceil(10_000 / unit.length))
      .slice(0, 10_000)
      .trimEnd()
      .padEnd(10_000, '!');
    const bench = await start({ turns: [bash('true'), { text: 'done' }] });

    await bench.run({ input: { prompt, systemPrompt: 'Answer in rhymes.' } });

    const [first] = bench.model.requests;
    const texts = messagesOf(first).flatMap(({ role, content }) =>
      role === 'user' && typeof content !== 'string' ? content.map(({ text }) => text) : [content],
    );
    expect(prompt).toHaveLength(10_000);
    expect(texts).toContain(prompt);
    expect(JSON.stringify((first?.body as { system: unknown }).system)).toContain('Answer in rhymes.');
  });

  test('puts a text between turns before the model', async () => {
    const bench = await start({ turns: [bash('true'), bash('true'), { text: 'done' }] });
    const text = `<user_denial request_id="1">no & never</user_denial> ${'x'.repeat(2_000)}`;
    const turns: number[] = [];

    await bench.run({
      hooks: {
        betweenTurns: async (turn) => {
          turns.push(turn);
          return turn === 1 ? { kind: 'inject', text } : { kind: 'continue' };
        },
      },
    });

    expect(turns).toStrictEqual([1, 2]);
    expect(JSON.stringify(bench.model.requests[0]?.body)).not.toContain('user_denial');
    expect(JSON.stringify(bench.model.requests[1]?.body)).toContain(JSON.stringify(text).slice(1, -1));
  });

  test('stops between turns when it is told to, or when asking fails', async () => {
    const bench = await start({ turns: [bash('true'), { text: 'never asked' }] });

    const told = await bench.run({ hooks: { betweenTurns: async () => ({ kind: 'stop', reason: 'lease lost' }) } });
    const failed = await bench.run({ hooks: { betweenTurns: () => Promise.reject(new Error('store gone')) } });

    expect(told).toMatchObject({ kind: 'stopped', reason: 'lease lost', turns: 1 });
    expect(failed).toMatchObject({ kind: 'stopped', reason: 'store gone' });
    expect(bench.model.requests).toHaveLength(2);
  });

  test('goes on with what is said when the model wants to end, once, and while it has turns left', async () => {
    const bench = await start({ turns: [{ text: 'done' }, { text: 'done again' }] });
    const said = ['<user_nudge>also the docs</user_nudge>'];
    const beforeEnd = async () => {
      const text = said.shift();
      return text === undefined ? ({ kind: 'continue' } as const) : ({ kind: 'inject', text } as const);
    };

    const outcome = await bench.run({ hooks: { beforeEnd } });
    const capped = await bench.run({
      input: { maxTurns: 1 },
      hooks: { beforeEnd: async () => ({ kind: 'inject', text: 'never heard' }) },
    });

    expect(outcome).toMatchObject({ kind: 'finished', summary: 'done again', turns: 2 });
    expect(JSON.stringify(bench.model.requests[1]?.body)).toContain('also the docs');
    expect(capped.turns).toBe(1);
    expect(JSON.stringify(bench.model.requests)).not.toContain('never heard');
  });

  test('ends although asking whether to go on fails', async () => {
    const bench = await start({ turns: [{ text: 'done' }] });

    const outcome = await bench.run({ hooks: { beforeEnd: () => Promise.reject(new Error('store gone')) } });

    expect(outcome).toMatchObject({ kind: 'finished', summary: 'done' });
  });

  test('ends as turn_cap after the tools of the last turn', async () => {
    const bench = await start({ turns: [bash('touch one'), bash('touch two'), bash('touch three')] });

    const outcome = await bench.run({ input: { maxTurns: 2 } });

    expect(outcome).toMatchObject({ kind: 'turn_cap', turns: 2 });
    expect((await readdir(bench.workspaceDir)).sort()).toStrictEqual(['one', 'two']);
    expect(bench.model.requests).toHaveLength(2);
  });

  test('finishes in the very last turn', async () => {
    const bench = await start({ turns: [bash('true'), { text: 'just in time' }] });

    const outcome = await bench.run({ input: { maxTurns: 2 } });

    expect(outcome).toMatchObject({ kind: 'finished', turns: 2 });
  });

  test('ends as budget_cap when the money is used up, and tells how much it was', async () => {
    const usage = { inputTokens: 200_000, outputTokens: 50_000 };
    const bench = await start({ turns: [{ ...bash('true'), usage }, { ...bash('true'), usage }, { text: 'done' }] });

    const outcome = await bench.run({ input: { maxBudgetUsd: 0.5 } });

    expect(outcome).toMatchObject({ kind: 'budget_cap', turns: 1 });
    expect(outcome.costUsd).toBeGreaterThan(0.5);
    expect(bench.model.requests).toHaveLength(1);
  });

  test('goes on although a listener of progress fails', async () => {
    const bench = await start({ turns: [bash('true'), { text: 'done' }] });

    const outcome = await bench.run({ hooks: { progress: () => Promise.reject(new Error('listener broken')) } });

    expect(outcome.kind).toBe('finished');
    expect(bench.logLines).toContainEqual(expect.objectContaining({ message: 'progress listener failed' }));
  });

  test('fails when its program does not exist', async () => {
    const bench = await start({ turns: [{ text: 'never' }] });

    const outcome = await bench.run({ options: { executable: '/nowhere/claude' } });

    expect(outcome).toMatchObject({
      kind: 'failed',
      code: 'AGENT_FAILED',
      message: expect.stringContaining('/nowhere/claude'),
    });
  });

  test('keeps 5 runs at once apart', async () => {
    const bench = await start({ turns: [bash('echo {{prompt}}'), { text: '{{prompt}}: {{toolResult}}' }] });
    const prompts = ['p1', 'p2', 'p3', 'p4', 'p5'];

    const outcomes = await Promise.all(prompts.map((prompt) => bench.run({ input: { prompt } })));

    expect(outcomes.map((outcome) => outcome.kind === 'finished' && outcome.summary)).toStrictEqual(
      prompts.map((prompt) => `${prompt}: ${prompt}`),
    );
  });
});
