import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { fanOutBundle, orchestratorBundle } from './bundled-platform.ts';
import type { Figure, Measurement } from './figure.ts';

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

/** A function whose import is measured. */
interface Imported {
  readonly name: string;
  readonly bundle: string;
  /** Besides where the tables are. */
  readonly environment: Readonly<Record<string, string>>;
}

const functions: readonly Imported[] = [
  { name: 'orchestrator', bundle: orchestratorBundle, environment: { ABCA_COMPUTE_TYPE: 'ecs' } },
  {
    name: 'fan-out',
    bundle: fanOutBundle,
    environment: {
      ABCA_SLACK_BOT_TOKEN: 'xoxb-bench',
      ABCA_GITHUB_TOKEN: 'bench',
      ABCA_EMAIL_FROM: 'abca@example.com',
    },
  },
];

/** What a cold start of each function costs before its first event. */
export const measureImport: Measurement = {
  name: 'import',
  how:
    'A new process imports a bundle that is deployed, with the environment of its function, and looks at its resident memory. ' +
    'The fan-out has all three channels.',
  async measure({ runs }) {
    return functions.flatMap((imported) => figuresOf(imported, runs));
  },
};

function figuresOf(imported: Imported, runs: number): Figure[] {
  const { name, bundle } = imported;
  const imports = Array.from({ length: runs }, () => importOnce(imported));
  const miB = (bytes: number): number => bytes / 2 ** 20;
  return [
    { id: `${name}-import`, what: `import of the ${name} bundle`, unit: 'ms', runs: imports.map(({ ms }) => ms) },
    {
      id: `${name}-memory`,
      what: `resident memory after the ${name}`,
      unit: 'MiB',
      runs: imports.map(({ rss }) => miB(rss)),
    },
    {
      id: `${name}-memory-before`,
      what: `resident memory of Node before the ${name}`,
      unit: 'MiB',
      runs: imports.map(({ before }) => miB(before)),
    },
    { id: `${name}-size`, what: `size of the ${name} bundle`, unit: 'MiB', runs: [miB(statSync(bundle).size)] },
  ];
}

function importOnce({ bundle, environment }: Imported): Import {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program, pathToFileURL(bundle).href],
    {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        HOME: tmpdir(),
        AWS_REGION: 'us-east-1',
        ABCA_TABLE_PREFIX: 'abca',
        ...environment,
      },
    },
  );
  if (status !== 0) throw new Error(`the bundle was not imported: ${stderr}`);
  return JSON.parse(stdout) as Import;
}
