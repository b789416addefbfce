import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the command line takes from core: parts that bring no schemas along. The policy workbench takes all of it. */
const lightParts = ['errors/abca-error', 'limits', 'logging/json-logger', 'redaction/preview', 'task/task-status'];

/** Sources of the command line, but for those of the policy workbench, which is loaded only when one of its commands runs. */
const lightSources = /packages[\\/]cli[\\/]src[\\/](?!policy[\\/])/;

/**
 * Gives the command line an index of core with those parts alone. esbuild splits by files, not by exports: through the index
 * that the platform uses too, `--help` would load all that the platform needs of core (0.1 s).
 */
const lightCore = {
  name: 'light-core',
  setup(build) {
    build.onResolve({ filter: /^@abca\/core$/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === 'resolving' || !lightSources.test(importer)) return undefined;
      const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: 'resolving' });
      return { path: found.path, namespace: 'light-core', sideEffects: false };
    });
    build.onLoad({ filter: /./, namespace: 'light-core' }, ({ path }) => ({
      contents: onlyLight(readFileSync(path, 'utf8')),
      loader: 'ts',
      resolveDir: dirname(path),
    }));
  },
};

/** The re-exports of an index that come from one of the light parts. A name from elsewhere fails the build. */
function onlyLight(index) {
  const reExports = index.match(/^export \{[^}]*\} from '[^']+';/gm) ?? [];
  return reExports.filter((line) => lightParts.some((part) => line.includes(`'./${part}.ts'`))).join('\n');
}

/** What the bundle of `bgagent` needs beyond the executor's own options. */
export default {
  // Workspace packages from their sources: nothing has to be built first.
  conditions: ['@abca/source'],
  mainFields: ['module', 'main'],
  // Each dynamic import stays one: `--help` loads neither the platform nor jq nor Cedar.
  splitting: true,
  keepNames: true,
  // CommonJS packages inside the bundle ask for Node's modules by require().
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  plugins: [lightCore],
  logLevel: 'warning',
};
