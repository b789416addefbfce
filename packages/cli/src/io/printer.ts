import { stripEscapes } from '@abca/core';
import pc from 'picocolors';
import type { Line, Span, Tone } from '../render/line.ts';
import { BottomLine } from './bottom-line.ts';
import type { OutputStream } from './cli-io.ts';

type Colors = ReturnType<typeof pc.createColors>;

const painters: { readonly [T in Tone]: (colors: Colors) => (text: string) => string } = {
  title: (colors) => colors.bold,
  good: (colors) => colors.green,
  bad: (colors) => colors.red,
  warn: (colors) => colors.yellow,
  accent: (colors) => colors.cyan,
  dim: (colors) => colors.dim,
};

/** Writes lines for people. The one place where text meets a terminal: escape sequences of others end here. */
export interface Printer {
  /** Whether a person looks at it now. */
  readonly isTerminal: boolean;
  print(...lines: readonly Line[]): void;
  /** Plain text as one or more lines. */
  say(text: string, tone?: Tone): void;
  /** `text` as it is, for data that goes to another program; stripped when a terminal sees it. */
  raw(text: string): void;
}

/**
 * @param env NO_COLOR and TERM=dumb turn colours off, FORCE_COLOR turns them on
 * @param bottom what stands at the bottom of the terminal and is not to be written over
 */
export function createPrinter(
  stream: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
  bottom = new BottomLine(),
): Printer {
  const isTerminal = stream.isTTY === true;
  const colors = pc.createColors(wantsColor(isTerminal, env));
  const paint = ({ text, tone }: Span): string => {
    const clean = stripEscapes(text);
    return tone === undefined || clean === '' ? clean : painters[tone](colors)(clean);
  };
  const write = (text: string): void => {
    bottom.above(() => stream.write(text));
  };
  return {
    isTerminal,
    print: (...lines) => {
      if (lines.length > 0) write(lines.map((line) => `${line.map(paint).join('')}\n`).join(''));
    },
    say: (text, tone) => {
      write(`${paint(tone === undefined ? { text } : { text, tone })}\n`);
    },
    raw: (text) => {
      write(isTerminal ? stripEscapes(text) : text);
    },
  };
}

function wantsColor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  if (isSet('NO_COLOR')) return false;
  if (isSet('FORCE_COLOR')) return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}
