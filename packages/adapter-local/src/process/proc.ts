import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A process as the kernel shows it. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  /** Clock ticks from boot to start. With the pid it names one process: a pid alone is used again. */
  readonly startedAtTicks: number;
  /** Whether it still runs. A zombie has ended and only waits to be noticed. */
  readonly alive: boolean;
}

/** Reads processes from a Linux `/proc`. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export class Proc {
  readonly #root: string;

  constructor(root = '/proc') {
    this.#root = root;
  }

  /** Whether this system shows processes this way. */
  async isAvailable(): Promise<boolean> {
    return (await this.find(process.pid)) !== undefined;
  }

  /** `undefined` when there is no such process. */
  async find(pid: number): Promise<ProcessInfo | undefined> {
    const text = await this.#read(pid, 'stat');
    return text === undefined ? undefined : parseStat(text);
  }

  /** All processes. Those that end while they are listed are left out. */
  async list(): Promise<ProcessInfo[]> {
    const names = (await readdir(this.#root)).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(names.map((name) => this.find(Number(name))));
    return found.filter((info) => info !== undefined);
  }

  /** Whether the process was started with this variable. False for a process whose environment may not be read. */
  async hasVariable(pid: number, name: string, value: string): Promise<boolean> {
    const text = await this.#read(pid, 'environ');
    return text?.split('\0').includes(`${name}=${value}`) ?? false;
  }

  #read(pid: number, file: string): Promise<string | undefined> {
    return readFile(join(this.#root, String(pid), file), 'latin1').catch(() => undefined);
  }
}

/** Reads a `stat` line. The program's name stands in brackets and may itself hold brackets and spaces. */
export function parseStat(text: string): ProcessInfo | undefined {
  const end = text.lastIndexOf(') ');
  const fields = text.slice(end + 2).split(' ');
  const [state = '', parentPid, groupId] = fields;
  const info = {
    pid: Number.parseInt(text, 10),
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    startedAtTicks: Number(fields[19]),
    alive: !'ZXx'.includes(state),
  };
  const { pid, startedAtTicks } = info;
  return end < 0 || state === '' || !Number.isInteger(pid) || !Number.isInteger(startedAtTicks) ? undefined : info;
}
