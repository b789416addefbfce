import { eventTypes, formatIso, milestoneRegistry, toldOn, type Approval, type Receipt } from '@abca/core';
import { anApproval, aTask, FakeClock, testEpochMs } from '@abca/core/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EmailNotifier } from './index.ts';
import { aNotification, anEvent, aRequestNotification, RecordingTransport } from './email-world.test-kit.ts';

const url = 'https://abca.example.com/v1/approvals/link/abca-link-1.x.y';
const secret = `ghp_${'a1'.repeat(18)}`;
let transport: RecordingTransport;
let clock: FakeClock;
let notifier: EmailNotifier;

beforeEach(() => {
  transport = new RecordingTransport();
  clock = new FakeClock();
  notifier = new EmailNotifier({ transport, clock, linkFor: () => Promise.resolve(url) });
});

const receipt: Receipt = {
  outcome: 'delivered',
  branch: 'abca/fix',
  headSha: 'a'.repeat(40),
  prUrl: 'https://github.com/acme/shop/pull/12',
  prNumber: 12,
  commits: 2,
  filesChanged: 3,
  insertions: 40,
  deletions: 5,
  gate: {
    calls: 9,
    counts: [
      { outcome: 'approved', count: 1 },
      { outcome: 'hard_denied', count: 2 },
    ],
    named: [],
  },
  verifiedAt: formatIso(testEpochMs),
};
const result = {
  outcome: 'finished',
  summary: 'Fixed <it>',
  turns: 12,
  costUsd: 1.234,
  inputTokens: 1,
  outputTokens: 1,
} as const;
const failed = (message: string) => anEvent({ eventType: 'task_failed', metadata: { code: 'AGENT_FAILED', message } });

describe('what is told', () => {
  test('is what the table of events says, and nothing else', async () => {
    const milestones = Object.keys(milestoneRegistry);
    const events = [
      ...eventTypes
        .filter((type) => type !== 'agent_milestone')
        .map((eventType) => anEvent({ eventType, metadata: {} })),
      ...milestones.map((milestone) => anEvent({ eventType: 'agent_milestone', metadata: { milestone } })),
    ];

    const outcomes = await Promise.all(
      events.map((event) => notifier.deliver(aNotification({ event, approval: anApproval() }))),
    );

    const told = events
      .filter((_event, index) => outcomes[index]?.kind === 'delivered')
      .map(({ eventType, metadata }) => metadata['milestone'] ?? eventType);
    expect(told).toStrictEqual(toldOn('email'));
    expect(new Set(outcomes.map(({ kind }) => kind))).toStrictEqual(new Set(['delivered', 'skipped']));
  });

  test('is for whoever gets mail, at the address that they gave', async () => {
    expect(await notifier.deliver(aNotification({ settings: {} }))).toStrictEqual({
      kind: 'skipped',
      why: 'the owner of the task gets no mail',
    });
    expect(await notifier.deliver(aNotification())).toStrictEqual({ kind: 'delivered' });
    expect(transport.sent.map(({ to }) => to)).toStrictEqual(['ann@example.org']);
  });

  test.each([
    'ann@example.org\r\nBcc: eve@example.org',
    'ann@example.org, eve@example.org',
    'Ann <ann@example.org>',
    'ann',
    '',
    `${'a'.repeat(250)}@x.org`,
  ])('is for nobody when the address is %j', async (address) => {
    expect(await notifier.deliver(aNotification({ settings: { email: { address } } }))).toMatchObject({
      kind: 'refused',
      code: 'INVALID_ADDRESS',
    });
    expect(transport.sent).toStrictEqual([]);
  });
});

describe('the end of a task', () => {
  test('is told with what the remote shows, what it cost, and where to look', async () => {
    const task = aTask({
      status: 'COMPLETED',
      endedAt: formatIso(testEpochMs + 150_000),
      receipt,
      result,
    });

    await notifier.deliver(aNotification({ task }));

    expect(transport.sent[0]).toStrictEqual({
      to: 'ann@example.org',
      subject: 'Done: Fix the failing test',
      text: [
        'Done: Fix the failing test',
        '',
        'Repository    acme/shop',
        'Task          00000001',
        'Outcome       delivered and verified on the remote',
        'Pull request  https://github.com/acme/shop/pull/12',
        'Branch        abca/fix',
        'Changes       3 files, +40 -5, 2 commits',
        'Tool calls    1 approved, 2 hard denied',
        'Spent         $1.23, 12 turns',
        'Took          3 min',
        'Summary       Fixed <it>',
        '',
        `All of it: bgagent status ${task.taskId}`,
        '',
        '-- ',
        'You get this because the task is yours. Change that with: bgagent notifications configure email',
        '',
      ].join('\n'),
      html: expect.stringContaining(
        '<td><a href="https://github.com/acme/shop/pull/12">https://github.com/acme/shop/pull/12</a></td>',
      ),
      id: `abca.${task.taskId}.7`,
      threadId: `abca.${task.taskId}`,
    });
    expect(transport.sent[0]!.html).toContain('<td>Fixed &lt;it&gt;</td>');
  });

  test('that is bad says why, and where the work is saved', async () => {
    const { prUrl: _pr, ...unfinished } = receipt;
    const saved: Receipt = { ...unfinished, outcome: 'work_saved', why: 'no pull request', wipRef: 'refs/abca/x/wip' };
    const task = aTask({ status: 'FAILED', endedAt: formatIso(testEpochMs + 41_000), receipt: saved });

    await notifier.deliver(aNotification({ event: failed('the model did not answer'), task }));

    const { subject, text } = transport.sent[0]!;
    expect(subject).toBe('Failed: Fix the failing test');
    expect(text).toContain('Why         AGENT_FAILED: the model did not answer');
    expect(text).toContain('Missing     no pull request');
    expect(text).toContain('Saved in    refs/abca/x/wip');
    expect(text).toContain('Took        41 s');
  });

  test('that nothing is known of is told all the same', async () => {
    const event = anEvent({ eventType: 'task_timed_out', metadata: {} });

    await notifier.deliver(aNotification({ event, task: aTask({ status: 'TIMED_OUT' }) }));

    const { subject, text } = transport.sent[0]!;
    expect(subject).toBe('Out of time: Fix the failing test');
    expect(text).not.toContain('undefined');
  });

  test('links to the web and to nothing else', async () => {
    const prUrl = 'javascript:alert(document.cookie)';

    await notifier.deliver(aNotification({ task: aTask({ status: 'COMPLETED', receipt: { ...receipt, prUrl } }) }));

    expect(transport.sent[0]!.html).not.toContain('<a ');
  });
});

describe('a request for an approval', () => {
  test('is told with the call, why it is asked, the link and the commands', async () => {
    const approval = anApproval({ input: 'git push \\\n  --force' });

    expect(await notifier.deliver(aRequestNotification(approval))).toStrictEqual({ kind: 'delivered' });

    const { subject, text, html } = transport.sent[0]!;
    const ids = `${approval.taskId} ${approval.requestId}`;
    expect(subject).toBe('Approval needed in acme/shop: Bash');
    expect(text).toContain('    git push \\\n      --force\n');
    expect(text).toContain(`See the request and decide:\n${url}\n`);
    expect(text).toContain(`Permit it: bgagent approve ${ids}\nRefuse it: bgagent deny ${ids} --reason "…"`);
    expect(text).toContain('Open until  2026-01-01T00:05:00.000Z');
    expect(html).toContain('<pre>git push \\\n  --force</pre>');
    expect(html).toContain(`<a href="${url}">See the request and decide</a>`);
  });

  test('that is grave is not said to be decided by its link', async () => {
    await notifier.deliver(aRequestNotification(anApproval({ severity: 'high' })));

    expect(transport.sent[0]!.text).toContain('See the request (it is decided on your terminal):');
  });

  test('has the commands alone where there are no links', async () => {
    await new EmailNotifier({ transport, clock }).deliver(aRequestNotification());

    expect(transport.sent[0]!.text).toContain('bgagent approve');
    expect(transport.sent[0]!.html).not.toContain('<a ');
  });

  test.each([
    ['decided', anApproval({ status: 'APPROVED' }), 'the request is decided'],
    ['over', anApproval({ expiresAt: formatIso(testEpochMs) }), 'the time of the request is over'],
  ])('that is %s is not told', async (_what, approval, why) => {
    expect(await notifier.deliver(aRequestNotification(approval))).toStrictEqual({ kind: 'skipped', why });
  });

  test('that is gone is not told', async () => {
    const { approval: _gone, ...rest } = aRequestNotification();

    expect(await notifier.deliver(rest)).toStrictEqual({ kind: 'skipped', why: 'the request is not there any more' });
  });
});

describe('whatever is in it', () => {
  /** The messages of both kinds with `text` wherever a person or an agent may write. */
  async function mailsWith(text: string): Promise<typeof transport.sent> {
    const own = new RecordingTransport();
    const teller = new EmailNotifier({ transport: own, clock, linkFor: () => Promise.resolve(url) });
    const asked: Partial<Approval> = { toolName: text, reason: text, input: text, matchingRuleIds: [text] };
    const shown: Receipt = { ...receipt, why: text, branch: text, prUrl: text, reviewUrl: text };
    const task = aTask({
      status: 'FAILED',
      taskDescription: text,
      receipt: shown,
      result: { ...result, summary: text },
    });
    await teller.deliver(aRequestNotification(anApproval({ ...asked, repo: text as Approval['repo'] })));
    await teller.deliver(aNotification({ event: failed(text), task }));
    return own.sent;
  }

  test('the subject is one line of bearable length, and ids are fit for headers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 400 }), async (text) => {
        for (const { subject, id, threadId } of await mailsWith(
          `a${text}\r\nBcc: eve@example.org\u2028X: y\u0085Z: z`,
        )) {
          // eslint-disable-next-line no-control-regex -- what is looked for
          expect(subject).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
          expect(subject.length).toBeLessThan(1_500);
          expect(`${id}${threadId}`).toMatch(/^[A-Za-z0-9.-]+$/);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('HTML holds no tag of theirs', async () => {
    const ours =
      /<\/?(?:!doctype html|html lang="en"|html|head|meta charset="utf-8"|body|h2|table cellpadding="4"|table|tr|td|pre|p|small|code|a|a href="[^"<>]*")>/g;
    const pieces = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '<script>',
      '</pre>',
      ' onload=',
      'http://x',
      '<a href="',
      '\n',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (parts) => {
        for (const { html } of await mailsWith(parts.join(''))) {
          expect(html.replaceAll(ours, '')).not.toMatch(/[<>]/);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('secrets are hidden in every part', async () => {
    for (const { subject, text, html } of await mailsWith(`x ${secret} y`)) {
      expect(`${subject}${text}${html}`).not.toContain(secret);
      expect(text).toContain('[REDACTED-GITHUB_TOKEN]');
    }
  });

  test('what is not seen is written out', async () => {
    for (const { subject, text } of await mailsWith('a\u202eb')) expect(`${subject}${text}`).not.toContain('\u202e');
  });

  test('a call that is long is cut', async () => {
    const [request] = await mailsWith('x'.repeat(16_000));

    expect(request!.text.length).toBeLessThan(6_000);
    expect(request!.text).toContain('…');
  });

  test('an id that is none of ours does not reach a header as it is', async () => {
    const event = anEvent({ taskId: 'a>\r\nBcc: x@y' as never });

    await notifier.deliver(aNotification({ event }));

    expect(transport.sent[0]!.id).toBe('abca.a---Bcc--x-y.7');
  });
});

describe('a try that fails', () => {
  test('ends as its error says', async () => {
    transport.failure = Object.assign(new Error(`no: ${secret}`), { name: 'MessageRejected' });

    expect(await notifier.deliver(aNotification())).toStrictEqual({
      kind: 'refused',
      code: 'MessageRejected',
      message: 'no: [REDACTED-GITHUB_TOKEN]',
    });
  });

  test('is the same message when it is repeated', async () => {
    await notifier.deliver(aNotification());
    await notifier.deliver(aNotification({ uncertain: true }));

    expect(transport.sent[1]).toStrictEqual(transport.sent[0]);
  });

  test('is broken off with what the caller says', async () => {
    const reason = new Error('enough');
    const calls = [
      notifier.deliver(aNotification(), { signal: AbortSignal.abort(reason) }),
      (() => {
        const stopping = new AbortController();
        const send = (): Promise<void> => {
          stopping.abort(reason);
          return Promise.reject(new Error('broken off'));
        };
        return new EmailNotifier({ transport: { send }, clock }).deliver(aNotification(), { signal: stopping.signal });
      })(),
    ];

    for (const call of calls) await expect(call).rejects.toBe(reason);
    expect(transport.sent).toStrictEqual([]);
  });
});
