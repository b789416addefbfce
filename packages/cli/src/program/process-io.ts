import { setTimeout as delay } from 'node:timers/promises';
import type { CliIo } from '../io/cli-io.ts';
import { TerminalPrompt } from '../io/terminal-prompt.ts';

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The process itself as {@link CliIo}. */
export function processIo(): CliIo {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    nowMs: () => Date.now(),
    sleep: (ms, signal) => delay(ms, undefined, signal && { signal }).catch(() => undefined),
    onInterrupt: (handler) => {
      for (const signal of endSignals) process.on(signal, handler);
      return () => {
        for (const signal of endSignals) process.off(signal, handler);
      };
    },
    openPrompt: () =>
      new TerminalPrompt({
        input: process.stdin,
        output: process.stderr,
        interrupt: () => process.kill(process.pid, 'SIGINT'),
      }),
    loadLocal: () => import('@abca/app-local'),
  };
}
