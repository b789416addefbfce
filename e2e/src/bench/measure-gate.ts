import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CedarPolicyLoader } from '@abca/adapter-cedar';
import { SystemClock, UlidGenerator } from '@abca/adapter-system';
import { ToolGate, type PolicyEngine } from '@abca/core';
import { aTask, CapturingLogger, InMemoryApprovalRepository, InMemoryTaskRepository } from '@abca/core/testing';
import type { Measurement } from './figure.ts';
import { operatorPolicies, workingDay } from './gate-day.ts';
import { percentile } from './statistics.ts';

/** Rules in all. */
const policies = 50;
/** Calls of one run. */
const calls = 2_000;

const here = fileURLToPath(new URL('./', import.meta.url));

/** A new process loads the engine as a session does and asks it once, and tells how long each took. */
const loadProgram = `
const { CedarPolicyLoader } = await import('@abca/adapter-cedar');
const own = process.argv[1] ?? '';
const start = performance.now();
const engine = await new CedarPolicyLoader().load(own === '' ? undefined : { soft: own });
const loaded = performance.now();
const call = { taskType: 'new_task', repo: 'a/b', readOnly: false, workspaceDir: '/w', protectedBranches: [] };
await engine.judge({ ...call, toolName: 'Bash', input: { command: 'npm test' } });
process.stdout.write(JSON.stringify({ load: loaded - start, first: performance.now() - loaded }));
`;

/** What a policy costs a call that needs nobody, and a session before its first call. */
export const measureGate: Measurement = {
  name: 'gate',
  how:
    `The gate of a session with ${String(policies)} rules: a call is judged, decided and told to a reporter that writes nothing. ` +
    `A run is ${String(calls)} calls of a working day (half commands, half files) by an engine that starts without memory of ` +
    'earlier verdicts; the p99 of a run is over its calls. The load is measured in new processes, with the files of the engine ' +
    'in the page cache, from the call of load() on.',
  async measure({ runs }) {
    const rules = await new CedarPolicyLoader().load();
    const own = operatorPolicies(policies - rules.rules.length);
    const times: number[][] = [];
    for (let run = 0; run < runs; run += 1)
      times.push(await timeDay(await new CedarPolicyLoader().load({ soft: own })));
    const of = (share: number): number[] => times.map((day) => percentile(day, share));
    const builtIn = Array.from({ length: runs + 1 }, () => timeLoad('')).slice(1);
    const withOwn = Array.from({ length: runs }, () => timeLoad(own));
    return [
      {
        id: 'gate-p50',
        what: 'a call through the gate, median of a run',
        unit: 'ms',
        runs: of(0.5),
        target: { atMost: 0.2 },
      },
      {
        id: 'gate-p99',
        what: 'a call through the gate, p99 of a run',
        unit: 'ms',
        runs: of(0.99),
        target: { atMost: 0.5 },
      },
      {
        id: 'engine-load',
        what: 'load of the engine with the built-in rules',
        unit: 'ms',
        runs: builtIn.map(({ load }) => load),
        target: { atMost: 60 },
      },
      {
        id: 'engine-first-call',
        what: 'its very first call: Cedar parses the rules, V8 compiles what it needs of Cedar',
        unit: 'ms',
        runs: builtIn.map(({ first }) => first),
      },
      {
        id: 'engine-load-own',
        what: `load with the texts of an operator, ${String(policies)} rules in all`,
        unit: 'ms',
        runs: withOwn.map(({ load }) => load),
      },
    ];
  },
};

async function timeDay(engine: PolicyEngine): Promise<number[]> {
  const tasks = new InMemoryTaskRepository();
  const never = new AbortController().signal;
  const task = aTask({ status: 'RUNNING' });
  const gate = new ToolGate(
    {
      engine,
      tasks,
      approvals: new InMemoryApprovalRepository(tasks),
      clock: new SystemClock(),
      ids: new UlidGenerator(),
      logger: new CapturingLogger(),
      publish: () => Promise.resolve(),
      flush: () => Promise.resolve(),
      stop: { signal: never, reason: () => undefined },
    },
    {
      task,
      session: { sessionId: task.sessionId ?? ('' as never), generation: 1 },
      workspaceDir: '/work/repo',
      protectedBranches: ['main'],
      gateCap: 50,
      approvalTimeoutS: 300,
      cleanupMarginMs: 120_000,
    },
  );
  const times: number[] = [];
  for (const [index, call] of workingDay(calls).entries()) {
    const start = performance.now();
    const { kind } = await gate.judge({ ...call, toolUseId: String(index), turn: index });
    times.push(performance.now() - start);
    if (kind !== 'allow') throw new Error(`an ordinary call was not let through: ${JSON.stringify(call)}`);
  }
  return times;
}

function timeLoad(own: string): { readonly load: number; readonly first: number } {
  const args = [
    '--conditions=@abca/source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    loadProgram,
    own,
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: here,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: here },
  });
  if (status !== 0) throw new Error(`the engine did not load:\n${stderr}`);
  return JSON.parse(stdout) as { load: number; first: number };
}
