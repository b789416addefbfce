import { aRule, someFindings } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { getForge, createJsonLogger } from '@abca/core';
import { session, World, settings } from './session.test-kit.ts';

/** One of each shape that leaks most: in a text, in a URL, as an assignment, over several lines. */
const secrets = {
  token: `ghp_${'a1B2'.repeat(9)}`,
  url: 'hunter2hunter2',
  key: 'AKIAABCDEFGHIJKLMNOP',
  pem: 'MIIEpAIBAAKCAQEAabcdefghijklmnop',
};
const everything = [
  secrets.token,
  `postgres://app:${secrets.url}@db/x`,
  secrets.key,
  `-----BEGIN RSA PRIVATE KEY-----\n${secrets.pem}\n-----END RSA PRIVATE KEY-----`,
].join('\n');

function leaks(text: string): string[] {
  return Object.values(secrets).filter((secret) => text.includes(secret));
}

describe('secrets', () => {
  test('of task, tools, model and remote are in no event, log line, result or text of the work', async () => {
    const lines: string[] = [];
    const world = await World.create({
      task: { taskDescription: `Fix it with ${everything}` },
      steps: [
        {
          kind: 'turn',
          text: everything,
          costUsd: 1,
          calls: [
            {
              toolName: 'Bash',
              input: { command: `echo ${everything}`, env: { TOKEN: everything } },
              run: ({ workspaceDir }) => {
                world.workspace.writeFile(workspaceDir, 'a.txt', 'a');
                return everything;
              },
            },
            {
              toolName: 'Other',
              input: { nested: [everything] },
              run: () => {
                throw new Error(everything);
              },
            },
          ],
        },
        {
          kind: 'act',
          run: (_input, hooks) => hooks.progress({ kind: 'error', errorType: 'api', message: everything }),
        },
        { kind: 'turn', text: everything },
      ],
    });
    world.policies.answer = ({ toolName }) =>
      toolName === 'Other'
        ? someFindings([{ rule: aRule({ summary: everything }), subjects: [{ kind: 'call' }] }])
        : someFindings();
    world.repository.refusal = everything;
    const logger = createJsonLogger((line) => lines.push(line), { clock: world.clock, level: 'debug' });

    await world.run({ deps: { logger } });

    const row = await world.row();
    expect(row.result?.failure?.code).toBe('PUSH_REJECTED');
    expect(leaks(JSON.stringify(row.result))).toStrictEqual([]);
    expect(leaks(JSON.stringify(await world.log()))).toStrictEqual([]);
    expect(leaks(lines.join('\n'))).toStrictEqual([]);
    expect(lines.length).toBeGreaterThan(3);
  });

  test('of the remote do not come through a pull request', async () => {
    const told: string[] = [];
    const world = await World.create({
      task: { taskDescription: everything, settings },
      steps: [
        {
          kind: 'act',
          run: ({ workspaceDir }) => world.workspace.writeFile(workspaceDir, 'a.txt', 'a'),
        },
        { kind: 'turn', text: everything },
      ],
    });
    const deps = world.deps();
    const real = getForge(deps.forges, 'git');
    const forge = {
      ...real,
      gatherEvidence: real.gatherEvidence,
      ensurePullRequest: async (input: Parameters<typeof real.ensurePullRequest>[0]) => {
        told.push(input.title, input.body);
        return real.ensurePullRequest(input);
      },
    } as typeof real;
    const commits: string[] = [];
    const workspace = new Proxy(deps.workspace, {
      get: (target, property) =>
        property === 'commit'
          ? (...args: Parameters<typeof target.commit>) => {
              commits.push(args[1]);
              return target.commit(...args);
            }
          : (Reflect.get(target, property) as unknown),
    });

    await world.run({ deps: { forges: new Map([['git', forge]]), workspace } });

    expect((await world.row()).result).toMatchObject({ outcome: 'finished', prNumber: 1 });
    expect(told).toHaveLength(2);
    expect(leaks([...told, ...commits].join('\n'))).toStrictEqual([]);
    expect(commits[0]).toContain(session.taskId);
  });
});
