import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { signWebhook, startFakeGitHub, type FakeGitHub, type RepoControl } from '../index.ts';

let github: FakeGitHub;
let shop: RepoControl;
let server: Server;
let url: string;
const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];

beforeEach(async () => {
  received.splice(0);
  github = await startFakeGitHub();
  github.installApp({ account: 'acme' });
  shop = github.addRepository({
    repo: 'acme/shop',
    refs: { 'refs/heads/main': '1'.repeat(40), 'refs/heads/fix': '2'.repeat(40) },
  });
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(202).end('queued');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/webhooks`;
});
afterEach(async () => {
  server.closeAllConnections();
  await Promise.all([new Promise((resolve) => server.close(resolve)), github.close()]);
});

const common = {
  repository: expect.objectContaining({ full_name: 'acme/shop', clone_url: expect.stringContaining('/acme/shop.git') }),
  installation: expect.objectContaining({ id: expect.any(Number) }),
};

describe('FakeGitHub, webhooks', () => {
  test('signs the very bytes that it sends', async () => {
    const issue = shop.openIssue({ title: 'Grüße 👋' });
    const payload = github.events.issueLabeled('acme/shop', { issue, label: 'abca', sender: 'ann' });

    const answer = await github.deliver(payload, { url, secret: 'hush', deliveryId: 'd-1' });

    expect([answer.status, await answer.text()]).toStrictEqual([202, 'queued']);
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-github-event': 'issues',
      'x-github-delivery': 'd-1',
      'x-hub-signature-256': `sha256=${createHmac('sha256', 'hush').update(body).digest('hex')}`,
    });
    expect(JSON.parse(body)).toMatchObject({
      action: 'labeled',
      label: { name: 'abca' },
      issue: { number: issue.number, title: 'Grüße 👋', labels: [{ name: 'abca' }] },
      sender: { login: 'ann', type: 'User' },
      ...common,
    });
  });

  test('gives each delivery an id of its own, and a redelivery the same', () => {
    const idOf = (deliveryId?: string): string | undefined =>
      signWebhook('ping', {}, { secret: 's', ...(deliveryId !== undefined && { deliveryId }) }).headers[
        'x-github-delivery'
      ];

    expect(idOf()).not.toBe(idOf());
    expect(idOf('d-1')).toBe('d-1');
  });

  test('tells of comments on issues and pull requests', async () => {
    const pull = await shop.openPull({ title: 'Fix', head: 'fix' });
    const comment = shop.comment(pull.issue.number, { author: 'ann', body: '@abca go on' });

    const { event, payload } = github.events.issueCommentCreated('acme/shop', { issue: pull.issue, comment });

    expect(event).toBe('issue_comment');
    expect(payload).toMatchObject({
      action: 'created',
      issue: { number: pull.issue.number, pull_request: { url: expect.stringContaining('/pulls/1') } },
      comment: { id: comment.id, body: '@abca go on', user: { login: 'ann' } },
      ...common,
    });
  });

  test('tells of reviews and their comments', async () => {
    const pull = await shop.openPull({ title: 'Fix', head: 'fix' });
    const comment = shop.reviewComment(1, { author: 'ann', body: 'too long', path: 'a.txt', line: 2 });
    const review = shop.review(1, { author: 'bob', body: 'no', state: 'CHANGES_REQUESTED' });

    const told = await Promise.all([
      github.events.reviewCommentCreated('acme/shop', { pull, comment }),
      github.events.reviewSubmitted('acme/shop', { pull, review }),
    ]);

    expect(told).toMatchObject([
      {
        event: 'pull_request_review_comment',
        payload: {
          action: 'created',
          comment: { path: 'a.txt', line: 2, body: 'too long', user: { login: 'ann' } },
          pull_request: { number: 1, head: { ref: 'fix', sha: '2'.repeat(40) } },
          ...common,
        },
      },
      {
        event: 'pull_request_review',
        payload: { action: 'submitted', review: { state: 'changes_requested', user: { login: 'bob' } }, ...common },
      },
    ]);
  });

  test('tells that a bot is one', () => {
    const issue = shop.openIssue({ title: 'Bug' });
    const comment = shop.comment(issue.number, { author: 'abca[bot]', body: 'Working' });

    const { payload } = github.events.issueCommentCreated('acme/shop', { issue, comment });

    expect(payload).toMatchObject({ sender: { login: 'abca[bot]', type: 'Bot' }, comment: { user: { type: 'Bot' } } });
  });
});
