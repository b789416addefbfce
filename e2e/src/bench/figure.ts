import { median, percentile } from './statistics.ts';

/** What one measurement found: a value per run. */
export interface Figure {
  readonly id: string;
  readonly what: string;
  readonly unit: 'ms' | 'MiB' | 'events/s' | 'records/s' | 'tasks/min' | 'count';
  /** One value per run. */
  readonly runs: readonly number[];
  /** What the median is held to. Without it the figure only informs. */
  readonly target?: { readonly atMost: number } | { readonly exactly: number };
  /** What the figure is made of, in numbers of the same runs. Told where it misses its target. */
  readonly madeOf?: string;
}

/** One thing that is measured. */
export interface Measurement {
  readonly name: string;
  /** How it is measured, for the report. */
  readonly how: string;
  measure(options: BenchOptions): Promise<readonly Figure[]>;
}

/** How long to measure. */
export interface BenchOptions {
  /** Runs of each figure. */
  readonly runs: number;
  /** Tasks of the run that shows what the platform sustains. */
  readonly tasks: number;
}

export type Verdict = 'pass' | 'MISS' | '';

/** A figure as it is reported. */
export interface FigureSummary {
  readonly count: number;
  readonly median: number;
  readonly p99: number;
  readonly least: number;
  readonly most: number;
  readonly verdict: Verdict;
}

/** The values of a figure's runs, summed up and judged. */
export function summarize({ runs, target }: Figure): FigureSummary {
  const middle = median(runs);
  return {
    count: runs.length,
    median: middle,
    p99: percentile(runs, 0.99),
    least: Math.min(...runs),
    most: Math.max(...runs),
    verdict: judge(middle, target),
  };
}

function judge(value: number, target: Figure['target']): Verdict {
  if (target === undefined) return '';
  const holds = 'atMost' in target ? value <= target.atMost : value === target.exactly;
  return holds ? 'pass' : 'MISS';
}
