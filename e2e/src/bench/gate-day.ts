/** A tool call of a working day. */
export interface DayCall {
  readonly toolName: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What an agent does all day; `%` stands for a number that differs from call to call. */
const commands = [
  'npm test',
  'npm test -- --testNamePattern "case %"',
  'npm run build 2>&1 | tail -n %',
  'npx tsc --noEmit -p packages/p%',
  'node --test test/unit-%.test.js',
  'git status --short',
  'git diff HEAD~% -- src',
  'git log --oneline -n %',
  'git add src/file-%.ts && git commit -m "step %"',
  'ls -la src/part-%',
  'cat src/part-%/index.ts | head -n 40',
  'grep -rn "symbol%" src | sort | uniq -c',
  'rg --files-with-matches "name%" packages',
  'find src -name "*-%.ts" -type f',
  'sed -n "%,40p" src/index.ts',
  'mkdir -p src/part-% && touch src/part-%/index.ts',
  'cp src/a.ts src/b-%.ts',
  'rm -rf dist/part-%',
  'for f in src/*.ts; do wc -l "$f"; done',
  'python3 -c "print(%)"',
  'jq ".items[%]" data.json',
  'curl -s http://127.0.0.1:300%/health',
  'export LEVEL=% && npm run lint',
  'cd packages/p% && npm test',
];

/** `count` calls, half of them commands, the others reads and writes of files, in an order that is the same every time. */
export function workingDay(count: number): readonly DayCall[] {
  return Array.from({ length: count }, (_, index): DayCall => {
    const number = String(index % 97);
    if (index % 4 === 1) return { toolName: 'Read', input: { file_path: `/work/repo/src/file-${number}.ts` } };
    if (index % 4 === 3) {
      const path = `/work/repo/src/file-${number}.ts`;
      return { toolName: 'Edit', input: { file_path: path, old_string: `a${number}`, new_string: `b${number}` } };
    }
    const command = commands[(index * 7) % commands.length] ?? 'true';
    return { toolName: 'Bash', input: { command: command.replaceAll('%', number) } };
  });
}

/** Rules of an operator of the kinds that operators write, so that there are `count` rules in all with the built-in ones. */
export function operatorPolicies(count: number): string {
  const kinds = [
    (n: string) =>
      `action == Agent::Action::"execute_bash", resource) when { context.shell.programs.contains("tool${n}") }`,
    (n: string) =>
      `action == Agent::Action::"write_file", resource) when { context.path.repo_relative like "infra/${n}/*" }`,
    (n: string) => `action == Agent::Action::"invoke_tool", resource == Agent::Tool::"mcp__server__tool${n}")`,
    (n: string) =>
      `action == Agent::Action::"execute_bash", resource) when { context.shell.git_push.refs.contains("release-${n}") }`,
  ];
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? kinds[0];
    return `@rule_id("own_${String(index)}") @tier("soft") forbid (principal, ${kind?.(String(index)) ?? ''};`;
  }).join('\n');
}
