import { describe, expect, test } from '@jest/globals';
import { shellFacts, type ShellFacts } from './shell-facts.ts';

const where = { workspaceDir: '/work/repo' };
const factsOf = (command: string): ShellFacts => shellFacts(command, where);

const noPush = { present: false, force: false, forceWithLease: false, refs: [], deletes: false, mirror: false };

describe('shellFacts()', () => {
  test('of a plain command', () => {
    expect(factsOf('ls -la src')).toStrictEqual({
      parsed: true,
      doubts: [],
      programs: ['ls'],
      commands: ['ls -la src'],
      gitPush: noPush,
      rm: { present: false, recursive: false, force: false, targets: [] },
      sqlStatements: [],
      writesFiles: [],
      runsInlineCode: false,
      endsIn: '.',
      suspicions: [],
    });
  });

  describe('programs', () => {
    test.each([
      ['a | b && c; d & e', ['a', 'b', 'c', 'd', 'e']],
      ['(a; { b; }); if c; then d; else e; fi', ['a', 'b', 'c', 'd', 'e']],
      ['echo $(a `b`) <(c) "$(d)"', ['a', 'b', 'c', 'd', 'echo']],
      ['sudo -u x env A=1 timeout 5 nice -n 3 nohup a', ['a', 'env', 'nice', 'nohup', 'sudo', 'timeout']],
      ['/usr/bin/a', ['a']],
      ["bash -c 'a; sh -c b'", ['a', 'b', 'bash', 'sh']],
      ['find . -exec a {} \\; -exec b {} +', ['a', 'b', 'find']],
      ['x | xargs -n 1 a', ['a', 'x', 'xargs']],
      ['bash <<EOF\na\nEOF', ['a', 'bash']],
      ['[[ -n $(a) ]] && (( $(b) > 1 )); case $(c) in *) d;; esac', ['a', 'b', 'c', 'd']],
      ['for x in $(a); do b; done; while c; do d; done', ['a', 'b', 'c', 'd']],
      ['f() { a; }; f', ['a', 'f']],
      ['f() { a; }', []],
      ['docker compose exec -T db psql -l', ['docker', 'psql']],
      ['# rm -rf /', []],
      ['', []],
    ])('%j', (command, programs) => {
      expect(factsOf(command).programs).toStrictEqual(programs);
    });
  });

  describe('git push', () => {
    test.each<[string, Partial<ShellFacts['gitPush']>]>([
      ['git push', { refs: ['HEAD'] }],
      ['git push origin', { refs: ['HEAD'] }],
      ['git push origin main', { refs: ['main'] }],
      ['git push origin mainline', { refs: ['mainline'] }],
      ['git push -u origin HEAD', { refs: ['HEAD'] }],
      ['git push origin HEAD:main', { refs: ['main'] }],
      ['git push origin x:refs/heads/main y', { refs: ['main', 'y'] }],
      ['git push origin +main', { refs: ['main'], force: true }],
      ['git push --force origin main', { refs: ['main'], force: true }],
      ['git push -uf origin main', { refs: ['main'], force: true }],
      ['git  -C  .  push --force', { refs: ['HEAD'], force: true }],
      ['git -c a.b=c --no-pager push --force-with-lease origin x', { refs: ['x'], forceWithLease: true }],
      ['git push --force-with-lease=x:abc origin x', { refs: ['x'], forceWithLease: true }],
      ['git push --mirror', { mirror: true, refs: ['*'] }],
      ['git push --all origin', { refs: ['*'] }],
      ['git push origin :main', { refs: ['main'], deletes: true }],
      ['git push origin --delete main', { refs: ['main'], deletes: true }],
      ['git push -d origin main', { refs: ['main'], deletes: true }],
      ['git push -o ci.skip origin x', { refs: ['x'] }],
      ["sh -c 'git push -f origin main'", { refs: ['main'], force: true }],
      ['git -c alias.p="push --force" p origin main', { refs: ['main'], force: true }],
      ['B=main; git push origin "$B"', { refs: ['main'] }],
      ['git push --tags', {}],
      ['git push origin tag v1', { refs: ['refs/tags/v1'] }],
      ['git push origin @:heads/x', { refs: ['x'] }],
      ['git push origin @', { refs: ['HEAD'] }],
      ['git push origin "$(git branch --show-current)"', { refs: ['HEAD'] }],
      ['git push origin fix-$(date +%s)', { refs: ['HEAD'] }],
      ["git push origin 'r/*:r/*'", { refs: ['*', 'r/*'] }],
      ["git push origin '^x' y", { refs: ['y'] }],
      ['git push origin :', { refs: ['*'] }],
      ['git push --al --forc', { refs: ['*'], force: true }],
      ['git -c remote.o.push=+a:b -c remote.o.mirror=true push o', { refs: ['HEAD', 'b'], force: true, mirror: true }],
      ['git config remote.o.mirror true', { mirror: true }],
      ['git send-pack --all url', { refs: ['*'] }],
      ['git subtree push -P docs origin x', { refs: ['x'] }],
      ['gh api -XDELETE repos/a/b/git/refs/heads/x', { refs: ['x'], deletes: true }],
      ['gh api repos/a/b/merges -f base=x -f head=y', { refs: ['x'] }],
    ])('%j', (command, expected) => {
      expect(factsOf(command)).toMatchObject({ parsed: true, gitPush: { ...noPush, present: true, ...expected } });
    });

    test.each([
      'git log',
      'echo git push',
      "git commit -m 'git push'",
      'git stash push',
      'git config remote.o.mirror false',
      'gh api repos/a/b/git/refs/heads/x',
    ])('not in %j', (command) => {
      expect(factsOf(command).gitPush).toStrictEqual(noPush);
    });
  });

  describe('commands', () => {
    test.each([
      ['a  "b c" | d && e', ['a b c', 'd', 'e']],
      ["bash -c 'a; b'", ['a', 'b', 'bash -c a; b']],
      ['sudo env X=1 a b', ['a b', 'env X=1 a b', 'sudo env X=1 a b']],
      ['X=1 Y=2 a', ['X=1 Y=2 a']],
      ['X=1; a $X', ['X=1', 'a 1']],
      ['PATH=/evil; npm test', ['PATH=/evil', 'npm test']],
      ['echo x | xargs -n1 a', ['a x', 'echo x', 'xargs -n1 a']],
      ['find src -name y -exec a {} \\;', ['a src/y', 'find src -name y -exec a {} ;']],
      ['echo $(a) <(b)', ['a', 'b', 'echo <text> /dev/fd/63'.replace('<text>', '<unknown>')]],
      ['f() { a "$1"; }; f b', ['a b', 'f b']],
      ['git -C sub log', ['git -C sub log']],
      ['env -C sub a', ['a', 'env -C sub a']],
      ['if a; then b; fi; [[ -n $(c) ]]', ['a', 'b', 'c']],
      ["alias x='a b'", ['a b', 'alias x=a b']],
      ['a > b', ['a']],
      ['> b', []],
      ['a *.ts?', ['a *.ts?']],
    ])('%j', (command, commands) => {
      expect(factsOf(command).commands).toStrictEqual(commands);
    });

    test('are not listed past a thousand: then the command is not resolved', () => {
      const facts = factsOf(Array.from({ length: 1_001 }, (_, index) => `a ${String(index)}`).join(';'));

      expect(facts.commands).toHaveLength(1_000);
      expect(facts.doubts).toStrictEqual(['the command is too much to read']);
    });
  });

  describe('rm', () => {
    test.each([
      ['rm a', false, false, ['a']],
      ['rm -rf a /tmp/x ~/y', true, true, ['/tmp/x', 'a', '~/y']],
      ['rm -r ../x', true, false, ['/work/x']],
      ['cd src && rm -rf *', true, true, ['src/*']],
      ['cd src && cd - && rm -f a', false, true, ['a']],
      ['rm -rf {a,b}/c', true, true, ['a/c', 'b/c']],
      ['A=(x "y z"); rm "${A[@]}"', false, false, ['x', 'y', 'z']],
      ['for i in a b; do rm "$i.txt"; done', false, false, ['a.txt', 'b.txt']],
      ['find src -name "*.o" -delete', true, true, ['src/*.o']],
      ['if x; then D=a; else D=b; fi; rm $D', false, false, ['a', 'b']],
    ])('%j', (command, recursive, force, targets) => {
      expect(factsOf(command).rm).toStrictEqual({ present: true, recursive, force, targets });
    });
  });

  describe('writesFiles', () => {
    test.each([
      ['echo x > a 2>> b', ['a', 'b']],
      ['echo x > /dev/null 2>&1', []],
      ['cat < a', []],
      ['tee a b', ['a', 'b']],
      ['cp a b', ['b']],
      ['cp a b c/', ['c', 'c/a', 'c/b']],
      ['mv a b', ['a', 'b']],
      ["sed -i 's/x/y/' a b", ['a', 'b']],
      ["sed 's/x/y/' a", []],
      ['dd if=a of=b', ['b']],
      ['cd sub && touch a', ['sub/a']],
      ['(cd sub && touch a); touch b', ['b', 'sub/a']],
      ['{ echo a; echo b; } > c', ['c']],
      ['for f in x y; do echo > "$f.txt"; done', ['x.txt', 'y.txt']],
      ['curl -o a http://x', ['a']],
      ['openssl genrsa -out a.key', ['a.key']],
      ['gpg --output=.env x', ['.env']],
      ['ps -o pid', []],
      ['ssh-keygen', ['~/.ssh/id_ed25519']],
      ['ssh-keygen -lf k', []],
      ['docker login', ['~/.docker/config.json']],
      ['docker login --help', []],
      ['touch .en*', ['.en*', '.env', '.env.local']],
      ['rm *', ['*']],
      ['git mv a b', ['.', 'a', 'b']],
      ['git restore --staged a', ['.']],
      ["git apply <<< '+++ b/x/y'", ['.', 'x/y']],
      ["patch <<< $'--- /dev/null\\n+++ z'", ['.', 'z']],
      ['git apply x.diff', ['.']],
      ['git stash list', []],
      ['tar xf a.tar -C out', ['out']],
      ['echo "a > b"', []],
    ])('%j', (command, writesFiles) => {
      expect(factsOf(command)).toMatchObject({ parsed: true, writesFiles });
    });
  });

  describe('sqlStatements', () => {
    test.each([
      ["psql -c 'SELECT 1; Drop  Table x'", ['drop table', 'select']],
      ["psql -c 'create unique index i on t (a)'", ['create index']],
      ["mysql -e 'truncate table x'", ['truncate table']],
      ['psql -c "select \'drop table x\'"', ['select']],
      ["psql -c 'select 1 -- drop table x'", ['select']],
      ["psql -c 'with a as (select 1) delete from b'", ['with']],
      ["sqlite3 a.db '.tables'", []],
      ["echo 'drop table x'", []],
    ])('%j', (command, sqlStatements) => {
      expect(factsOf(command).sqlStatements).toStrictEqual(sqlStatements);
    });
  });

  describe('is not parsed when', () => {
    test.each([
      ['the program comes from elsewhere', '$TOOL x', 'program <unknown>'],
      ['code comes from elsewhere', 'curl x | sh', 'code that is made while the command runs'],
      ['a written path comes from elsewhere', 'echo > "$DIR/x"', 'path <unknown>/x of echo'],
      ['the folder comes from elsewhere', 'cd "$DIR" && touch x', 'the current folder is not known'],
      ['the syntax is broken', 'echo "x', 'shell syntax'],
      ['SQL comes from elsewhere', 'psql -c "$SQL"', 'SQL of psql'],
      ['code of another language may act', "python3 -c 'import subprocess'", 'code of python3'],
      [
        'it is too deep',
        `${'bash -c "'.repeat(1)}${'$(echo '.repeat(40)}x${')'.repeat(40)}"`,
        'the command is too much to read',
      ],
      ['a loop moves on', 'while x; do cd ..; done; touch a', 'the current folder is not known'],
    ])('%s', (_why, command, doubt) => {
      const facts = factsOf(command);

      expect(facts.parsed).toBe(false);
      expect(facts.doubts).toContain(doubt);
    });
  });

  test('says where the shell stands afterwards', () => {
    expect(factsOf('cd src').endsIn).toBe('src');
    expect(factsOf('(cd src)').endsIn).toBe('.');
    expect(factsOf('x || cd .git').endsIn).toBe('.git');
    expect(factsOf('cd /tmp').endsIn).toBe('../../tmp');
    expect(factsOf('cd $X').endsIn).toBe('<unknown>');
  });

  test('is not taken in by the marks that stand for what is unknown', () => {
    expect(factsOf('rm -rf /\ue002').rm.targets).toStrictEqual(['/\ufffd']);
    expect(factsOf("rm -rf $'\\ue002'").rm.targets).toStrictEqual(['\ufffd']);
  });
});
