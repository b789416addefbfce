import { createRequire } from 'node:module';

const sdk = '@anthropic-ai/claude-agent-sdk';

/**
 * Path of the SDK's own program for this machine. Resolved from this file and from the SDK, so that it is also found when
 * this package has been bundled and only the SDK stayed outside.
 *
 * @returns `undefined` when it is not installed; the SDK then looks for itself and says what is missing.
 */
export function findExecutable(from: string = import.meta.url): string | undefined {
  const here = createRequire(from);
  const bases = [here, ...attempt(() => createRequire(here.resolve(sdk)))];
  const paths = bases.flatMap((base) =>
    packageNames().flatMap((name) => attempt(() => base.resolve(`${name}/claude`))),
  );
  return paths[0];
}

/** The libc that fits comes first: both builds may be installed, and only one of them starts. */
function packageNames(): string[] {
  const name = `${sdk}-${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return [name];
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? [`${name}-musl`, name] : [name, `${name}-musl`];
}

function attempt<T>(find: () => T): T[] {
  try {
    return [find()];
  } catch {
    return [];
  }
}
