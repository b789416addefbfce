import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GitForge } from '@abca/adapter-git';
import { createGitHubClient, GitHubForge } from '@abca/adapter-github';
import { SystemClock } from '@abca/adapter-system';
import { computeReceipt, decideEnd, wipRefOf, type PullRequest, type Receipt, type Task } from '@abca/core';
import { aTask, aTaskId } from '@abca/core/testing';
import type { ScriptInput } from '@abca/scripted-model';
import type { Pull } from '@abca/wire-fakes/github';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { connectGitHub, type GitHubSide } from './github-session.test-kit.ts';
import { RealWorld, type RunningSession } from './real-session.test-kit.ts';
import { settings } from './session/session.test-kit.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const { repo } = aTask();

/** Writes files, runs a command that looks like a test, and says something. */
function working(says: string, ...names: readonly string[]): ScriptInput {
  const write = names.map((name) => ({
    tools: [{ name: 'Write', input: { file_path: `{{workspace}}/${name}`, content: `${name}\n` } }],
  }));
  return {
    turns: [...write, { tools: [{ name: 'Bash', input: { command: 'sh test.sh' } }] }, { text: says }],
  };
}

// Real processes on a machine that others may keep busy.
jest.setTimeout(120_000);

describe('tasks on a pull request, from pre-flight to receipt, on a plain repository', () => {
  let world: RealWorld;
  let forge: GitForge;
  let opened = 0;

  beforeAll(async () => {
    const program = ['--conditions=@abca/source', main];
    world = await RealWorld.create({ 'README.md': 'shop\n', 'test.sh': 'echo ok\n' }, program);
    forge = new GitForge({ homeDir: join(world.root, 'forge-home'), pathEnv: process.env['PATH'] ?? '' });
  });

  afterAll(async () => {
    await world.end();
  });

  const refs = async () =>
    (await world.git(world.bare, 'for-each-ref', '--format=%(refname) %(objectname)')).split('\n');
  const pull = async (number: number) =>
    (await forge.listPullRequests(world.bare)).find((listed) => listed.number === number)!;

  /** A pull request of an earlier task. */
  async function openPull(): Promise<PullRequest & { branch: string; headSha: string }> {
    opened += 1;
    const branch = `feature-${String(opened)}`;
    const source = join(world.root, 'source');
    await world.git(source, 'checkout', '--quiet', '-b', branch, 'main');
    await writeFile(join(source, 'one.txt'), 'one\n');
    await world.git(source, 'add', '.');
    await world.git(source, 'commit', '--quiet', '-m', 'one');
    await world.git(source, 'push', '--quiet', world.bare, branch);
    const headSha = await world.git(source, 'rev-parse', 'HEAD');
    const taskId = aTaskId(100 + opened);
    const texts = { title: 'One', body: 'one' };
    const pullRequest = await forge.ensurePullRequest({
      repo,
      cloneUrl: world.bare,
      taskId,
      branch,
      baseBranch: 'main',
      headSha,
      ...texts,
    });
    return { ...pullRequest, branch, headSha };
  }

  /** The row as the orchestrator leaves it for the session. */
  async function rowFor(taskType: Task['taskType'], prNumber: number): Promise<Partial<Task>> {
    const checked = await forge.preflight({ repo, cloneUrl: world.bare, taskType, prNumber, protectedBranches: [] });
    if (checked.kind === 'failed') throw new Error(checked.message);
    const { baseBranch, pullRequest } = checked;
    return {
      taskType,
      prNumber,
      baseBranch,
      ...(pullRequest && { pullRequest }),
      branch: (taskType === 'pr_iteration' ? pullRequest?.headBranch : undefined) as string,
      settings: { ...settings, cloneUrl: world.bare },
    };
  }

  async function work(script: ScriptInput, task: Partial<Task>): Promise<RunningSession> {
    const session = await world.start({ script, task });
    expect([await session.exited, session.output()]).toStrictEqual([0, expect.any(String)]);
    return session;
  }

  /** What the orchestrator makes of it. */
  async function receiptOf(session: RunningSession): Promise<{ receipt: Receipt; status: string; task: Task }> {
    const task = await session.row();
    const evidence = await forge.gatherEvidence({
      repo,
      cloneUrl: world.bare,
      taskId: task.taskId,
      branch: task.branch ?? 'none',
      baseBranch: 'main',
      wipRef: wipRefOf(task.taskId),
      ...(task.taskType === 'pr_review' && { reviewOf: task.prNumber ?? 0 }),
    });
    const receipt = computeReceipt(task, 'main', evidence, Date.now());
    return { receipt, status: decideEnd(task, receipt, undefined).status, task };
  }

  test('a new task opens one that tells of the work', async () => {
    const session = await work(working('I wrote two.', 'two.txt'), { taskDescription: 'Write two' });

    const { result } = await session.row();
    const { title, headSha, body } = await pull(result?.prNumber ?? 0);

    expect({ title, headSha }).toStrictEqual({ title: 'Write two', headSha: result?.headSha });
    expect(body).toContain('### Summary by the agent\n\n> I wrote two.');
    expect(body).toContain('- ` sh test.sh `: ended well');
    expect(body).toContain('### Approvals\n\nNone was asked for.');
    opened += 1;
  });

  test('more work goes to its branch: delivered, and still one pull request', async () => {
    const { number, url, branch, headSha } = await openPull();
    const session = await work(working('I wrote two.', 'two.txt'), await rowFor('pr_iteration', number));

    const { receipt, status, task } = await receiptOf(session);

    expect(status).toBe('COMPLETED');
    expect(receipt).toMatchObject({ outcome: 'delivered', prNumber: number, prUrl: url, branch });
    expect([receipt.headSha, task.startSha]).toStrictEqual([task.result?.headSha, headSha]);
    expect(await world.git(world.bare, 'ls-tree', '--name-only', branch)).toBe('README.md\none.txt\ntest.sh\ntwo.txt');
    expect((await pull(number)).headSha).toBe(receipt.headSha);
    const mine = (await forge.listPullRequests(world.bare)).filter((listed) => listed.branch === branch);
    expect(mine).toHaveLength(1);
  });

  test('more work that changed nothing is not delivered, and moves nothing', async () => {
    const { number } = await openPull();
    const before = await refs();
    const session = await work(working('Nothing to do.'), await rowFor('pr_iteration', number));

    expect(await receiptOf(session)).toMatchObject({ status: 'FAILED', receipt: { outcome: 'no_changes' } });
    expect(await refs()).toStrictEqual(before);
  });

  test('a review writes nothing but a review, although the agent changed files', async () => {
    const { number, headSha } = await openPull();
    const before = await refs();
    const session = await work(working('It says **one**.', 'mine.txt'), await rowFor('pr_review', number));

    const { receipt, status } = await receiptOf(session);

    const ref = `refs/abca/pulls/${String(number)}/reviews/${session.taskId}`;
    const added = (await refs()).filter((line) => !before.includes(line));
    expect(added).toStrictEqual([expect.stringMatching(new RegExp(`^${ref} `))]);
    expect(status).toBe('COMPLETED');
    expect(receipt).toMatchObject({ outcome: 'no_changes', reviewUrl: `${world.bare}#${ref}` });
    expect(receipt).not.toHaveProperty('branch');
    const document = JSON.parse(await world.git(world.bare, 'show', ref)) as { body: string; head_sha: string };
    expect(document.body).toContain('It says **one**.');
    expect(document.head_sha).toBe(headSha);
  });

  test('a review by an agent that says nothing is none, and the task is not COMPLETED', async () => {
    const { number } = await openPull();
    const before = await refs();
    const session = await work({ turns: [{ text: ' ' }] }, await rowFor('pr_review', number));

    expect((await receiptOf(session)).status).toBe('FAILED');
    expect(await refs()).toStrictEqual(before);
  });
});

describe('tasks on a pull request on GitHub', () => {
  let world: RealWorld;
  let side: GitHubSide;
  let forge: GitHubForge;

  beforeAll(async () => {
    world = await RealWorld.create({ 'README.md': 'shop\n' }, ['--conditions=@abca/source', main]);
    side = await connectGitHub(world);
    const { tokens, github } = side;
    const client = createGitHubClient({ tokens, clock: new SystemClock(), apiUrl: github.apiUrl, webUrl: github.url });
    forge = new GitHubForge(client);
  });

  afterAll(async () => {
    await world.end();
    await side.github.close();
  });

  /** A person's pull request. */
  async function openPull(branch: string): Promise<Pull> {
    const source = join(world.root, 'source');
    await world.git(source, 'checkout', '--quiet', '-b', branch, 'main');
    await writeFile(join(source, `${branch}.txt`), 'theirs\n');
    await world.git(source, 'add', '.');
    await world.git(source, 'commit', '--quiet', '-m', branch);
    await world.git(source, 'push', '--quiet', world.bare, branch);
    return side.control.openPull({ title: branch, head: branch, author: 'octocat' });
  }

  /** The task from pre-flight to its receipt. */
  async function take(taskType: Task['taskType'], { issue }: Pull, script: ScriptInput) {
    const prNumber = issue.number;
    const address = { repo, cloneUrl: side.control.cloneUrl };
    const checked = await forge.preflight({ ...address, taskType, prNumber, protectedBranches: ['main'] });
    if (checked.kind === 'failed') throw new Error(checked.message);
    const { baseBranch, pullRequest } = checked;
    const branch = (taskType === 'pr_iteration' ? pullRequest?.headBranch : undefined) as string;
    const session = await world.start({
      script,
      task: { taskType, prNumber, baseBranch, branch, settings: side.settings, ...(pullRequest && { pullRequest }) },
      env: side.env,
    });
    expect([await session.exited, session.output()]).toStrictEqual([0, expect.any(String)]);
    const task = await session.row();
    const evidence = await forge.gatherEvidence({
      ...address,
      taskId: task.taskId,
      branch: task.branch ?? 'none',
      baseBranch,
      wipRef: wipRefOf(task.taskId),
      ...(taskType === 'pr_review' && { reviewOf: prNumber }),
    });
    const receipt = computeReceipt(task, baseBranch, evidence, Date.now());
    return { task, receipt, status: decideEnd(task, receipt, undefined).status };
  }

  test('more work goes to the branch of the person who opened it', async () => {
    const pull = await openPull('iterate');
    const script = { turns: [...working('done', 'two.txt').turns.slice(0, 1), { text: 'done' }] };

    const { task, receipt, status } = await take('pr_iteration', pull, script);

    expect(status).toBe('COMPLETED');
    expect(receipt).toMatchObject({ outcome: 'delivered', prNumber: pull.issue.number, headSha: task.result?.headSha });
    expect(await world.git(world.bare, 'rev-parse', 'iterate')).toBe(task.result?.headSha);
    expect(await world.git(world.bare, 'ls-tree', '--name-only', 'iterate')).toBe('README.md\niterate.txt\ntwo.txt');
    expect(side.github.count('pulls/create')).toBe(0);
  });

  test('a review is left with tokens that could not have written code', async () => {
    const pull = await openPull('review');
    const before = side.granted.length;
    const refs = await world.git(world.bare, 'for-each-ref', '--format=%(refname) %(objectname)');
    const script = { turns: [...working('x', 'mine.txt').turns.slice(0, 1), { text: 'It is right.' }] };

    const { receipt, status } = await take('pr_review', pull, script);

    expect(status).toBe('COMPLETED');
    expect(pull.reviews).toMatchObject([{ state: 'COMMENTED', commitId: pull.headSha }]);
    expect(pull.reviews[0]?.body).toContain('It is right.');
    expect(receipt).toMatchObject({
      outcome: 'no_changes',
      prNumber: pull.issue.number,
      reviewUrl: expect.any(String),
    });
    expect(await world.git(world.bare, 'for-each-ref', '--format=%(refname) %(objectname)')).toBe(refs);
    // Of the session alone: the platform's look before it is at whether a comment can be written, by a token of its own.
    const given = side.granted.slice(before).map(({ token }) => token);
    const minted = side.github.tokens.filter(({ token }) => given.includes(token));
    expect(new Set(minted.map(({ permissions }) => permissions['contents']))).toStrictEqual(new Set(['read']));
    expect(side.github.violations).toStrictEqual([]);
  });
});
