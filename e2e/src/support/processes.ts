import { readdirSync, readFileSync } from 'node:fs';

/** A process of this machine. */
export interface SeenProcess {
  readonly pid: number;
  readonly command: string;
}

/** Processes whose environment or command line names `text`, such as a data folder or a session id. This one left out. */
export function processesNaming(text: string): readonly SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: read(name, 'cmdline'), environment: read(name, 'environ') }))
    .filter(({ command, environment }) => command.includes(text) || environment.includes(text))
    .map(({ pid, command }) => ({ pid, command: command.replaceAll('\0', ' ').trim() }));
}

/** Empty for a process that is gone, a zombie, or somebody else's. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
