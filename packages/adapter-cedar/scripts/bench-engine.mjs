// How long the engine takes to load and to judge. Run: node --conditions=@abca/source packages/adapter-cedar/scripts/bench-engine.mjs
import { execFileSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { pathToFileURL, URL } from 'node:url';

const index = new URL('../src/index.ts', import.meta.url).href;
const tables = new URL('../src/engine/tables/index.test-kit.ts', import.meta.url).href;

/** Rules of an operator with the built-in ones: so many in all. */
const policyCount = 50;
const passes = 20;

/** What operators write: about programs, paths, tools, branches and SQL. */
const kinds = [
  (n) =>
    `(principal, action == Agent::Action::"execute_bash", resource) when { context.shell.programs.contains("tool${n}") }`,
  (n) =>
    `(principal, action == Agent::Action::"write_file", resource) when { context.path.repo_relative like "infra/${n}/*" }`,
  (n) => `(principal, action == Agent::Action::"invoke_tool", resource == Agent::Tool::"mcp__server__tool${n}")`,
  (n) =>
    `(principal, action == Agent::Action::"execute_bash", resource) when { context.shell.git_push.refs.contains("release-${n}") }`,
  (n) =>
    `(principal, action == Agent::Action::"write_file", resource) when { context.path.basename == "lock-${n}.json" } unless { context.task_type == "pr_iteration" }`,
  (n) =>
    `(principal, action == Agent::Action::"execute_bash", resource) when { context.shell.sql_statements.contains("truncate table") && context.repo == "acme/shop${n}" }`,
  (n) =>
    `(principal, action in [Agent::Action::"write_file", Agent::Action::"execute_bash"], resource) when { (context has path && context.path.repo_relative == "deploy${n}.yml") || (context has shell && context.shell.programs.contains("deploy${n}")) }`,
];

function operatorRules(count) {
  return Array.from(
    { length: count },
    (_, n) => `@rule_id("operator_${n}") @tier("soft")\nforbid ${kinds[n % kinds.length](n)};`,
  ).join('\n');
}

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

const median = (times) =>
  percentile(
    times.toSorted((a, b) => a - b),
    0.5,
  );

/**
 * The 50th and the 99th percentile, in milliseconds, over commands. Each command counts by the median of its passes, so that
 * other work of the machine is not taken for the engine's.
 */
function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}

async function judgeAll(engine, requests) {
  const times = [];
  for (const request of requests) {
    const start = performance.now();
    await engine.judge(request);
    times.push(performance.now() - start);
  }
  return times;
}

/** Load in a process of its own, as a session does: the first load of a process compiles Cedar. */
function loadTimes(hasOperator) {
  const code = `
    const { CedarPolicyLoader } = await import(${JSON.stringify(index)});
    const policies = ${JSON.stringify(hasOperator ? { soft: operatorRules(policyCount - 12) } : {})};
    const start = performance.now();
    const engine = await new CedarPolicyLoader().load(policies);
    const loaded = performance.now();
    const base = { taskType: 'new_task', repo: 'acme/shop', readOnly: false, workspaceDir: '/work/repo', protectedBranches: [] };
    await engine.judge({ ...base, toolName: 'Bash', input: { command: 'npm ci' } });
    console.log(JSON.stringify({ load: loaded - start, firstCall: performance.now() - loaded }));`;
  const args = [
    '--conditions=@abca/source',
    '--input-type=module',
    '--disable-warning=ExperimentalWarning',
    '-e',
    code,
  ];
  const runs = Array.from({ length: 7 }, () => JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })));
  return { load: median(runs.map(({ load }) => load)), firstCall: median(runs.map(({ firstCall }) => firstCall)) };
}

/** All figures, in milliseconds. */
export async function benchEngine() {
  const { CedarPolicyLoader } = await import(index);
  const { ordinary } = await import(tables);
  const soft = operatorRules(policyCount - (await new CedarPolicyLoader().load()).rules.length);
  const requests = ordinary.map((command) => ({
    taskId: '01JD0000000000000000000000',
    taskType: 'new_task',
    repo: 'acme/shop',
    readOnly: false,
    toolName: 'Bash',
    input: { command },
    workspaceDir: '/work/repo',
    protectedBranches: ['main', 'release'],
  }));
  const cold = requests.map(() => []);
  const repeated = requests.map(() => []);
  // A new engine has no memory. The first passes are for the compilers of JavaScript and of WebAssembly.
  for (let pass = -5; pass < passes; pass++) {
    const engine = await new CedarPolicyLoader().load({ soft });
    const [first, second] = [await judgeAll(engine, requests), await judgeAll(engine, requests)];
    if (pass < 0) continue;
    for (const [index, time] of first.entries()) cold[index].push(time);
    for (const [index, time] of second.entries()) repeated[index].push(time);
  }
  return {
    policies: policyCount,
    commands: requests.length,
    cold: summary(cold.map(median)),
    repeated: summary(repeated.map(median)),
    newProcess: { builtIn: loadTimes(false), operator: loadTimes(true) },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { policies, commands, cold, repeated, newProcess } = await benchEngine();
  const ms = (value) => `${value.toFixed(3)} ms`;
  process.stdout.write(
    [
      `engine: ${policies} policies, ${commands} ordinary commands`,
      `  nothing remembered: p50 ${ms(cold.p50)}, p99 ${ms(cold.p99)}`,
      `  repeated:           p50 ${ms(repeated.p50)}, p99 ${ms(repeated.p99)}`,
      `  new process, built-in policies: load ${ms(newProcess.builtIn.load)}, first call ${ms(newProcess.builtIn.firstCall)}`,
      `  new process, ${policies} policies:      load ${ms(newProcess.operator.load)}, first call ${ms(newProcess.operator.firstCall)}`,
      '',
    ].join('\n'),
  );
}
