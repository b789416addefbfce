import { describe, expect, test } from '@jest/globals';
import { parsePush } from './push-result.ts';

const refused = (line: string, stderr = ''): ReturnType<typeof parsePush> =>
  parsePush({ exitCode: 1, stdout: `To /srv/shop.git\n${line}\nDone\n`, stderr });

describe('parsePush()', () => {
  test('takes exit 0 for done', () => {
    expect(parsePush({ exitCode: 0, stdout: '', stderr: '' })).toStrictEqual({ kind: 'done' });
  });

  test('gives what a hook said', () => {
    const line = '!\ta:refs/heads/x\t[remote rejected] (pre-receive hook declined)';

    expect(
      refused(line, 'remote: line one        \nremote: \nremote: line two\nerror: failed to push\n'),
    ).toStrictEqual({
      kind: 'refused',
      reason: 'pre-receive hook declined: line one line two',
      stale: false,
    });
  });

  test.each(['stale info', 'non-fast-forward', 'fetch first', 'failed to update ref', 'incorrect old value provided'])(
    'takes %s for a lost race',
    (detail) => {
      expect(refused(`!\ta:refs/x\t[rejected] (${detail})`)).toStrictEqual({
        kind: 'refused',
        reason: detail,
        stale: true,
      });
    },
  );

  test('looks past refs that an atomic push took along', () => {
    const lines = '!\ta:refs/a\t[rejected] (atomic push failed)\n!\tb:refs/b\t[remote rejected] (hook declined)';

    expect(refused(lines)).toStrictEqual({ kind: 'refused', reason: 'hook declined', stale: false });
  });

  test('takes missing permission for a refusal', () => {
    const stderr = "fatal: unable to access 'https://me:hunter2@x/': The requested URL returned error: 403\n";

    const outcome = parsePush({ exitCode: 128, stdout: '', stderr });

    expect(outcome).toStrictEqual({ kind: 'refused', reason: expect.stringContaining('403'), stale: false });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });

  test('leaves other failures to the caller', () => {
    expect(parsePush({ exitCode: 128, stdout: '', stderr: 'fatal: bad object\n' })).toStrictEqual({ kind: 'failed' });
  });
});
