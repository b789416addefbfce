import { describe, expect, test } from '@jest/globals';
import { CedarPolicyLoader } from './cedar-policy-loader.ts';
import { aCommand, outcomeOf } from './policy-request.test-kit.ts';

const rule = (id: string): string =>
  `@rule_id("${id}") @tier("soft") forbid (principal, action, resource == Agent::Tool::"${id}");`;

describe('CedarPolicyLoader', () => {
  test('gives the same engine for the same policies, however they are written down', async () => {
    const loader = new CedarPolicyLoader();

    const engine = await loader.load();

    expect(await loader.load({})).toBe(engine);
    expect(await loader.load({ hard: '', soft: '', disable: [] })).toBe(engine);
    expect(await loader.load({ disable: ['force_push_any'] })).not.toBe(engine);
    expect(await loader.load({ disable: ['write_env_files', 'force_push_any'] })).toBe(
      await loader.load({ disable: ['force_push_any', 'write_env_files'] }),
    );
  });

  test('loads once for callers that come at the same time', async () => {
    const loader = new CedarPolicyLoader();

    const [first, second] = await Promise.all([loader.load({ soft: rule('a') }), loader.load({ soft: rule('a') })]);

    expect(first).toBe(second);
  });

  test('does not take a text of one tier for one of the other', async () => {
    const loader = new CedarPolicyLoader();
    await loader.load({ soft: rule('a') });

    await expect(loader.load({ hard: rule('a') })).rejects.toMatchObject({ code: 'POLICY_INVALID' });
  });

  test('forgets the engine that was used longest ago', async () => {
    const loader = new CedarPolicyLoader();
    const [first, second] = [await loader.load({ soft: rule('r0') }), await loader.load({ soft: rule('r1') })];
    for (let index = 2; index < 33; index++) {
      await loader.load({ soft: rule(`r${String(index)}`) });
      await loader.load({ soft: rule('r0') });
    }

    expect(await loader.load({ soft: rule('r0') })).toBe(first);
    expect(await loader.load({ soft: rule('r1') })).not.toBe(second);
  });

  test('remembers no failure', async () => {
    const loader = new CedarPolicyLoader();
    const load = (): Promise<unknown> => loader.load({ soft: 'nonsense' }).catch((error: unknown) => error);

    expect(await load()).not.toBe(await load());
  });

  test('knows HOME where it is told', async () => {
    const [known, unknown] = [new CedarPolicyLoader({ homeDir: '/home/agent' }), new CedarPolicyLoader()];

    const outcomes = await Promise.all(
      [known, unknown].map(async (loader) =>
        outcomeOf(await (await loader.load()).judge(aCommand('rm -rf /home/agent/'))),
      ),
    );

    expect(outcomes.map(({ decision }) => decision)).toStrictEqual(['deny', 'allow']);
  });
});
