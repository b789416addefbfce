import { setTimeout as pause } from 'node:timers/promises';
import { databasePid, startBundledPlatform } from './bundled-platform.ts';
import type { Measurement } from './figure.ts';
import { usageOf } from './machine.ts';

const settleMs = 5_000;
const sampleMs = 3_000;

/** What a platform costs while nobody uses it. */
export const measureIdle: Measurement = {
  name: 'idle',
  how: `Processor time of \`bgagent up\` and of its database over ${String(sampleMs / 1000)} s, with no task and nobody watching.`,
  async measure({ runs }) {
    const platform = await startBundledPlatform();
    try {
      const pids = [platform.pid, databasePid(platform)];
      const used = (): number => pids.reduce((sum, pid) => sum + usageOf(pid).ownMs, 0);
      await pause(settleMs);
      const perSecond: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        const before = used();
        await pause(sampleMs);
        perSecond.push((used() - before) / (sampleMs / 1000));
      }
      return [
        { id: 'idle-cpu', what: 'processor time per second of an idle platform', unit: 'ms', runs: perSecond },
        { id: 'idle-memory', what: 'its resident memory', unit: 'MiB', runs: [usageOf(platform.pid).residentMiB] },
      ];
    } finally {
      await platform.stop();
    }
  },
};
