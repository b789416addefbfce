import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import type { Measurement } from '../bench/figure.ts';
import { describeMachine, load } from '../bench/machine.ts';
import { measureAppend } from '../bench/measure-append.ts';
import { measureApprovals } from '../bench/measure-approvals.ts';
import { measureCli } from '../bench/measure-cli.ts';
import { measureConsumer } from '../bench/measure-consumer.ts';
import { measureGate } from '../bench/measure-gate.ts';
import { measureIdle } from '../bench/measure-idle.ts';
import { measureImport } from '../bench/measure-import.ts';
import { measureSteps } from '../bench/measure-steps.ts';
import { measureSubmit } from '../bench/measure-submit.ts';
import { measureThroughput } from '../bench/measure-throughput.ts';
import { measureWatchers } from '../bench/measure-watchers.ts';
import { toJson, toMarkdown, toTable, type Measured } from '../bench/report.ts';

/**
 * Measure how fast the platform is. Argument: the file of the report. `--only` names measurements, `--runs` and `--tasks` make
 * them shorter or longer. Missing a target is told and is no failure: the machine may be a slow one.
 */
const all: readonly Measurement[] = [
  measureCli,
  measureImport,
  measureIdle,
  measureSteps,
  measureAppend,
  measureConsumer,
  measureWatchers,
  measureGate,
  measureApprovals,
  measureSubmit,
  measureThroughput,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true },
    runs: { type: 'string', default: '11' },
    tasks: { type: 'string', default: '1000' },
  },
});
const chosen = all.filter(({ name }) => values.only?.includes(name) ?? true);
const options = { runs: Number(values.runs), tasks: Number(values.tasks) };

const measured: Measured[] = [];
for (const measurement of chosen) {
  const before = load();
  const figures = await measurement.measure(options);
  measured.push({ measurement, figures, load: { before, after: load() } });
  process.stdout.write(`${measurement.name}\n${toTable(figures)}\n`);
}

const bench = { machine: describeMachine(), at: new Date().toISOString(), measured };
writeReport('reports/bench.json', toJson(bench));
const [reportFile] = positionals;
if (reportFile !== undefined) {
  const style = await resolveConfig(reportFile);
  writeReport(reportFile, await format(toMarkdown(bench), { ...style, filepath: reportFile }));
}

function writeReport(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
