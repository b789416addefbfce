import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { tmpdir } from 'node:os';

/** What the figures were taken on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly fileSystem: string;
  readonly node: string;
}

export function describeMachine(): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    fileSystem: fileSystemOf(tmpdir()),
    node: process.version,
  };
}

/** Processes that wanted a core in the last minute, on average. */
export function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

function fileSystemOf(path: string): string {
  const [, line = ''] = execFileSync('df', ['--output=fstype', path], { encoding: 'utf8' }).split('\n');
  return line.trim();
}

/** Kernel ticks per second in /proc, the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** What a process used so far. */
export interface ProcessUsage {
  /** Processor time of its own, milliseconds. */
  readonly ownMs: number;
  /** Processor time of its children that ended, and of theirs, milliseconds. */
  readonly childrenMs: number;
  readonly residentMiB: number;
}

/** @throws when the process is gone */
export function usageOf(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ms = (index: number): number => ((fields[index] ?? 0) * 1000) / ticksPerSecond;
  return { ownMs: ms(11) + ms(12), childrenMs: ms(13) + ms(14), residentMiB: residentMiB(pid) };
}

function residentMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}
