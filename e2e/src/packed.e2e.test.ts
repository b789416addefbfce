import { FakeEcs } from '@abca/core-testing/fakes/ecs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { importsOf, neededBy, PackedFolder, type PackedPackage } from './packed-packages.ts';

// Compilers on a machine that others may keep busy.
jest.setTimeout(240_000);

/** What the npm packages are worth outside of this workspace. Nothing is fetched: what third parties made is linked. */
describe('the packed packages of core and an adapter', () => {
  let dir: string;
  let folder: PackedFolder;
  let packages: readonly PackedPackage[];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'abca-packed-'));
    folder = new PackedFolder(dir);
    packages = await folder.install(['core', 'adapter-ecs']);
    const needed = packages.flatMap(({ manifest }) => neededBy(manifest));
    for (const name of new Set([...needed, '@types/node'])) folder.link(name);
  });

  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  /** ECS as the consumer's programs see it. */
  async function withEcs<T>(act: (ecs: FakeEcs) => Promise<T>): Promise<T> {
    const ecs = await FakeEcs.start();
    ecs.registerTaskDefinition({ family: 'abca-agent', containers: [{ name: 'agent' }] });
    try {
      return await act(ecs);
    } finally {
      await ecs.close();
    }
  }

  test('hold what was compiled, and nothing else', () => {
    const allowed = /^(package\.json|README\.md|LICENSE|dist\/.+\.(js|d\.ts))$/;
    for (const { manifest, files } of packages) {
      const odd = files.filter((file) => !allowed.test(file) || /\.test\.|\.test-kit\.|(^|\/)src\//.test(file));
      expect([manifest.name, odd]).toStrictEqual([manifest.name, []]);
      expect(files).toContain('dist/index.js');
    }
  });

  test('name no source map and no place of the machine that they were built on', () => {
    for (const { dir: root, files } of packages) {
      for (const file of files.filter((name) => name.startsWith('dist/'))) {
        const text = readFileSync(join(root, file), 'utf8');
        expect([file, /sourceMappingURL|file:\/\//.exec(text)?.[0]]).toStrictEqual([file, undefined]);
        expect([file, text.includes(dir) || text.includes(process.cwd())]).toStrictEqual([file, false]);
      }
    }
  });

  test('have types and code behind every export', () => {
    const entries = packages.flatMap(({ manifest, files }) =>
      Object.entries(manifest.exports).flatMap(([entry, { types = '', default: code = '' }]) => {
        const isThere = (path: string): boolean => path !== '' && files.includes(path.replace('./', ''));
        return [{ entry: `${manifest.name} ${entry}`, types: isThere(types), code: isThere(code) }];
      }),
    );

    expect(entries).toStrictEqual(
      ['@abca/core .', '@abca/core ./testing', '@abca/adapter-ecs .', '@abca/adapter-ecs ./module'].map((entry) => ({
        entry,
        types: true,
        code: true,
      })),
    );
  });

  test('can be published, and ask for each other in the versions that they have', () => {
    const versions = Object.fromEntries(packages.map(({ manifest: { name, version } }) => [name, version]));
    for (const { manifest } of packages) {
      const own = Object.entries(manifest.dependencies ?? {}).filter(([name]) => name.startsWith('@abca/'));
      expect(versions).toMatchObject(Object.fromEntries(own));
      expect(manifest.private).toBeUndefined();
    }
  });

  test('import only files that they hold and packages that they name', () => {
    for (const packed of packages) {
      const { dependencies, peerDependencies } = packed.manifest;
      const named = [...Object.keys(dependencies ?? {}), ...Object.keys(peerDependencies ?? {})];
      const imports = importsOf(packed);
      const missing = imports.filter(({ from, to }) => {
        if (!to.startsWith('.')) return !isBuiltin(to) && !named.includes(packageOf(to));
        const path = join(packed.dir, dirname(from), to);
        return !existsSync(from.endsWith('.d.ts') ? path.replace(/(\.d)?\.[jt]s$/, '.d.ts') : path);
      });
      expect(missing).toStrictEqual([]);
      expect(imports.length).toBeGreaterThan(5);
    }
  });

  test('compile under strict and run a session, without Inversify', async () => {
    await folder.compile('packed-consumer.ts', 'packed-round-trip.ts');

    await withEcs(async (ecs) => {
      expect(await folder.run('packed-consumer.js', ecs.url)).toStrictEqual({ ...roundTrip, inversify: false });
      expect(ecs.tasks()).toHaveLength(1);
    });
  });

  test('do the same with Inversify, through the module', async () => {
    const unlink = folder.link('inversify');
    try {
      await folder.compile('packed-consumer-module.ts', 'packed-round-trip.ts');

      await withEcs(async (ecs) => {
        expect(await folder.run('packed-consumer-module.js', ecs.url)).toStrictEqual({ ...roundTrip, inversify: true });
        expect(ecs.tasks()).toHaveLength(1);
      });
    } finally {
      unlink();
    }
  });
});

const roundTrip = { type: 'ecs', sameHandle: true, status: 'running', stop: 'stopped' };

/** `@abca/core/testing` → `@abca/core`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
