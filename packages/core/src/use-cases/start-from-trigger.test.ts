import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import type { RepoId, UserId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { RepoConfig } from '../repo/repo-config.ts';
import { aRepoConfig, aTaskId } from '../testing/builders.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { InMemoryForgePeople } from '../testing/in-memory-forge-people.ts';
import { InMemoryRateLimiter } from '../testing/in-memory-stores.ts';
import { createCoreWorld, type CoreWorld } from './core-world.test-kit.ts';
import { startFromTrigger, type TriggerDeps, type TriggerOutcome } from './start-from-trigger.ts';

const shop = 'acme/shop' as RepoId;
const triggers = { runAs: 'bob' as UserId };

interface TriggerWorld extends CoreWorld {
  /** What rates are counted by. */
  readonly rateClock: FakeClock;
  readonly people: InMemoryForgePeople;
  /** Carol's words, or those of somebody else. */
  say(text: string, fields?: { readonly login?: string; readonly id?: number }): Promise<TriggerOutcome>;
}

async function aWorld(fields: Partial<RepoConfig> = {}): Promise<TriggerWorld> {
  const world = createCoreWorld();
  const cloneUrl = 'https://github.com/acme/shop.git';
  await world.deps.repos.put(aRepoConfig({ forge: 'github', cloneUrl, blueprint: { triggers }, ...fields }));
  const people = new InMemoryForgePeople();
  people.grant(shop, 'carol', 'write');
  people.grant(shop, 'rita', 'read');
  const rateClock = new FakeClock();
  const deps: TriggerDeps = { ...world.deps, people, rates: new InMemoryRateLimiter(rateClock) };
  return {
    ...world,
    people,
    rateClock,
    say: (text, { login = 'carol', id = 501 } = {}) =>
      startFromTrigger(deps, {
        name: 'issue_comment',
        payload: aComment(text, login, id),
        ownLogins: ['abca-platform'],
      }),
  };
}

function aComment(body: string, login: string, id: number): unknown {
  return {
    action: 'created',
    issue: { number: 12 },
    comment: { id, body, user: { login }, created_at: '2026-01-01T00:00:00Z' },
    repository: { full_name: shop },
    sender: { login, type: 'User' },
  };
}

describe('startFromTrigger()', () => {
  test('submits what somebody who may write asked for, as the user of the repository', async () => {
    const { say, executions } = await aWorld();

    const outcome = await say('@abca fix it');

    expect(outcome).toMatchObject({
      kind: 'created',
      task: { taskId: aTaskId(1), userId: 'bob', taskDescription: 'fix it', issueNumber: 12 },
    });
    expect([...executions.started]).toStrictEqual([aTaskId(1)]);
  });

  test.each<[string, Partial<RepoConfig>, string, string, string]>([
    ['a repository without triggers', { blueprint: {} }, 'carol', '@abca x', 'acme/shop has no triggers'],
    ['a removed repository', { status: 'removed' }, 'carol', '@abca x', 'acme/shop has no triggers'],
    ['a repository of another forge', { forge: 'git' }, 'carol', '@abca x', 'acme/shop has no triggers'],
    ['an unknown repository', { repo: 'acme/other' as RepoId }, 'carol', '@abca x', 'acme/shop has no triggers'],
    ['a reader', {}, 'rita', '@abca x', 'the sender may not write to the repository'],
    ['a stranger', {}, 'nobody', '@abca x', 'the sender may not write to the repository'],
    ['the platform', {}, 'abca-platform', '@abca x', 'the platform itself starts nothing'],
    ['words to others', {}, 'carol', 'hello', 'no line begins with @abca'],
  ])('starts nothing for %s', async (_title, fields, login, text, why) => {
    const { say, executions, people } = await aWorld(fields);
    people.grant(shop, 'abca-platform', 'write');

    expect(await say(text, { login })).toStrictEqual({ kind: 'ignored', why });
    expect(executions.started.size).toBe(0);
  });

  test('what happened once starts one task, also when it is delivered ten times at once', async () => {
    const { say, executions } = await aWorld();

    const outcomes = await Promise.all(Array.from({ length: 10 }, () => say('@abca fix it')));
    const another = await say('@abca fix it', { id: 502 });

    expect(outcomes.map(({ kind }) => kind).sort()).toStrictEqual(['created', ...Array<string>(9).fill('replayed')]);
    expect(another.kind).toBe('created');
    expect(executions.started.size).toBe(2);
  });

  test('what would be understood otherwise now has still happened once', async () => {
    const { say, deps } = await aWorld();
    await say('@abca fix it\n@hal open');
    const own = { triggers: { ...triggers, mention: '@hal' } };
    await deps.repos.put(aRepoConfig({ forge: 'github', blueprint: own }));

    expect(await say('@abca fix it\n@hal open')).toStrictEqual({ kind: 'ignored', why: 'it started a task before' });
  });

  test('what goes wrong while a task is submitted is told', async () => {
    const { say, executions } = await aWorld();
    executions.start = () => Promise.reject(new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true }));

    await expect(say('@abca fix it')).rejects.toThrow('away');
  });

  test('one person is limited, and so are all who may write together, but not by strangers', async () => {
    const { say, people, rateClock } = await aWorld();
    people.grant(shop, 'dora', 'write');
    const { limit, windowMs } = limits.triggerRate;
    const inRow = async (login: string, from: number): Promise<void> => {
      for (let n = 0; n < limit; n += 1) await say('@abca x', { login, id: from + n });
    };
    await inRow('nobody', 1);
    await expect(say('@abca x', { login: 'NOBODY', id: 99 })).rejects.toMatchObject({ code: 'RATE_LIMIT_EXCEEDED' });

    await inRow('carol', 100);

    await expect(say('@abca x', { id: 199 })).rejects.toThrow('more than 20 orders of one person in acme/shop in 60 s');
    await expect(say('@abca x', { login: 'dora', id: 200 })).rejects.toThrow(
      'more than 20 orders in acme/shop in 60 s',
    );
    await rateClock.advance(windowMs + 1);
    expect(await say('@abca x', { login: 'dora', id: 200 })).toMatchObject({ kind: 'created' });
  });

  test('a payload that is none of its event is refused', async () => {
    const { deps } = await aWorld();
    const people = new InMemoryForgePeople();
    const request = { name: 'issues', payload: { action: 'labeled' }, ownLogins: [] };

    await expect(
      startFromTrigger({ ...deps, people, rates: new InMemoryRateLimiter() }, request),
    ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});
