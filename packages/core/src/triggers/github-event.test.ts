import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readGitHubEvent } from './github-event.ts';

const common = { repository: { full_name: 'acme/shop' }, sender: { login: 'carol', type: 'User' } };
const at = '2026-01-01T00:00:00Z';
const user = { login: 'carol' };
const comment = { id: 55, body: '@abca fix it', user, created_at: at };

const payloads = {
  issues: {
    ...common,
    action: 'labeled',
    label: { name: 'abca' },
    issue: { number: 12, state: 'open', updated_at: at },
  },
  issue_comment: { ...common, action: 'created', issue: { number: 12 }, comment },
  pull_request_review_comment: { ...common, action: 'created', pull_request: { number: 12 }, comment },
  pull_request_review: {
    ...common,
    action: 'submitted',
    pull_request: { number: 12 },
    review: { id: 9, body: null, user, submitted_at: at },
  },
};

const said = { kind: 'said', author: 'carol', text: '@abca fix it', on: 'pull_request', number: 12 };
const event = (fields: object): object => ({
  kind: 'event',
  event: { repo: 'acme/shop', sender: { login: 'carol', isBot: false }, at, ...fields },
});

describe('readGitHubEvent()', () => {
  test.each([
    [
      'issues',
      payloads.issues,
      {
        subject: `labeled:12:${at}`,
        cause: { kind: 'labelled', label: 'abca', issueNumber: 12, isOpen: true },
      },
    ],
    ['issue_comment', payloads.issue_comment, { subject: 'issue_comment:55', cause: { ...said, on: 'issue' } }],
    [
      'issue_comment',
      { ...payloads.issue_comment, issue: { number: 12, pull_request: { url: 'x' } } },
      { subject: 'issue_comment:55', cause: said },
    ],
    [
      'pull_request_review_comment',
      payloads.pull_request_review_comment,
      { subject: 'review_comment:55', cause: { ...said, place: { commentId: 55 } } },
    ],
    [
      'pull_request_review_comment',
      { ...payloads.pull_request_review_comment, comment: { ...comment, path: 'src/a.ts', line: 3 } },
      { subject: 'review_comment:55', cause: { ...said, place: { commentId: 55, path: 'src/a.ts', line: 3 } } },
    ],
    [
      'pull_request_review_comment',
      { ...payloads.pull_request_review_comment, comment: { ...comment, path: 'src/a.ts', line: null } },
      { subject: 'review_comment:55', cause: { ...said, place: { commentId: 55, path: 'src/a.ts' } } },
    ],
    ['pull_request_review', payloads.pull_request_review, { subject: 'review:9', cause: { ...said, text: '' } }],
  ])('reads %s: %j', (name, payload, fields) => {
    expect(readGitHubEvent(name, payload)).toStrictEqual(event(fields));
  });

  test.each([
    [{ login: 'carol', type: 'Bot' }, true],
    [{ login: 'dependabot[bot]', type: 'User' }, true],
    [{ login: 'dependabot[BOT]' }, true],
    [{ login: 'bot', type: 'User' }, false],
    [{ login: 'carol' }, false],
  ])('the sender %j is a bot: %s', (sender, isBot) => {
    expect(readGitHubEvent('issues', { ...payloads.issues, sender })).toMatchObject({ event: { sender: { isBot } } });
  });

  test.each([
    ['issues', 'opened'],
    ['issues', 'unlabeled'],
    ['issues', 'edited'],
    ['issue_comment', 'edited'],
    ['issue_comment', 'deleted'],
    ['pull_request_review_comment', 'edited'],
    ['pull_request_review', 'edited'],
    ['pull_request_review', 'dismissed'],
  ] as const)('%s %s is ignored', (name, action) => {
    expect(readGitHubEvent(name, { ...payloads[name], action })).toMatchObject({ kind: 'ignored' });
  });

  test.each(['ping', 'push', 'pull_request', 'discussion_comment', 'commit_comment', '__proto__', 'constructor', ''])(
    'deliveries of %j are ignored',
    (name) => {
      expect(readGitHubEvent(name, payloads.issue_comment)).toStrictEqual({
        kind: 'ignored',
        why: `deliveries of ${name} start nothing`,
      });
    },
  );

  test('no payload passes for one of another event, though the name of an event is not signed', () => {
    const names = Object.keys(payloads) as (keyof typeof payloads)[];
    const passed = names.flatMap((name) =>
      names.filter((other) => other !== name && readGitHubEvent(other, payloads[name]).kind === 'event'),
    );

    expect(passed).toStrictEqual([]);
  });

  test.each([
    [undefined, 'the payload is not an object with an action'],
    [[], 'the payload is not an object with an action'],
    [{ action: 7 }, 'the payload is not an object with an action'],
    [{ action: 'created' }, 'the payload is not one of issue_comment: see repository, sender, issue, comment'],
    [
      { ...payloads.issue_comment, repository: { full_name: '../x' }, comment: { ...comment, id: 2 ** 60 } },
      'the payload is not one of issue_comment: see repository.full_name, comment.id',
    ],
  ])('%j is malformed: %s', (payload, why) => {
    expect(readGitHubEvent('issue_comment', payload)).toStrictEqual({ kind: 'malformed', why });
  });

  test('is total', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(payloads), 'ping'), fc.anything(), (name, payload) => {
        expect(['event', 'ignored', 'malformed']).toContain(readGitHubEvent(name, payload).kind);
      }),
    );
  });
});
