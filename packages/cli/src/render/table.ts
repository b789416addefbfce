import Table from 'cli-table3';
import { oneLine, span, type Line } from './line.ts';

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Rows under their headings, in columns as wide as they need. Pure. */
export function tableLines(headings: readonly string[], rows: readonly (readonly string[])[]): Line[] {
  const table = new Table({
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push([...headings], ...rows.map((row) => row.map(oneLine)));
  return table
    .toString()
    .split('\n')
    .map((text, index) => [span(text.trimEnd(), ...(index === 0 ? (['dim'] as const) : []))]);
}

/** The same rows for a program: tabs between, no headings, nothing cut. */
export function tabbedRows(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(oneLine).join('\t')}\n`).join('');
}
