import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { orchestratorBundle } from './bundled-platform.ts';
import type { Measurement } from './figure.ts';

const program = `
const before = process.memoryUsage.rss();
const start = performance.now();
await import(process.argv[1]);
const ms = performance.now() - start;
process.stdout.write(JSON.stringify({ ms, rss: process.memoryUsage.rss(), before }));
process.exit(0);
`;

interface Import {
  readonly ms: number;
  readonly rss: number;
  readonly before: number;
}

/** What a cold start of the orchestrator costs before its first event. */
export const measureImport: Measurement = {
  name: 'import',
  how: 'A new process imports the bundle that is deployed, with the environment of the function, and looks at its resident memory.',
  async measure({ runs }) {
    const imports = Array.from({ length: runs }, importOnce);
    const miB = (bytes: number): number => bytes / 2 ** 20;
    return [
      {
        id: 'orchestrator-import',
        what: 'import of the orchestrator bundle',
        unit: 'ms',
        runs: imports.map(({ ms }) => ms),
      },
      {
        id: 'orchestrator-memory',
        what: 'resident memory after it',
        unit: 'MiB',
        runs: imports.map(({ rss }) => miB(rss)),
      },
      {
        id: 'orchestrator-memory-before',
        what: 'resident memory of Node before it',
        unit: 'MiB',
        runs: imports.map(({ before }) => miB(before)),
      },
      {
        id: 'orchestrator-size',
        what: 'size of the bundle',
        unit: 'MiB',
        runs: [miB(statSync(orchestratorBundle).size)],
      },
    ];
  },
};

function importOnce(): Import {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program, pathToFileURL(orchestratorBundle).href],
    {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        HOME: tmpdir(),
        AWS_REGION: 'us-east-1',
        ABCA_TABLE_PREFIX: 'abca',
        ABCA_COMPUTE_TYPE: 'ecs',
      },
    },
  );
  if (status !== 0) throw new Error(`the bundle was not imported: ${stderr}`);
  return JSON.parse(stdout) as Import;
}
