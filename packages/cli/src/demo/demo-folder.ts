import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where a demo keeps its things. */
export interface DemoFolder {
  /** Shown to the person: the demo repository lies in it and stays. */
  readonly dir: string;
  /** The platform's own. */
  readonly dataDir: string;
  /** Take the platform's things away again; only from a folder that was made for this one demo. */
  discardData(): void;
}

/** @param named `--data-dir`: kept with everything in it. Absent: a new temporary folder */
export function openDemoFolder(named: string | undefined, cwd: string): DemoFolder {
  if (named === undefined) {
    const dir = mkdtempSync(join(tmpdir(), 'abca-demo-'));
    const dataDir = join(dir, 'platform');
    mkdirSync(dataDir, { mode: 0o700 });
    return {
      dir,
      dataDir,
      discardData: () => {
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  }
  const dataDir = resolve(cwd, named);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return { dir: mkdtempSync(join(dataDir, 'demo-')), dataDir, discardData: () => undefined };
}
