import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const workspace = fileURLToPath(new URL('../..', import.meta.url));
const typescript = join(workspace, 'node_modules/typescript/bin/tsc');

/** What a package says of itself, as far as it is looked at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A package as npm would put it into `node_modules`. */
export interface PackedPackage {
  readonly dir: string;
  readonly manifest: Manifest;
  /** Everything in the tarball, relative paths, sorted. */
  readonly files: readonly string[];
}

/** Folders in `dir` for building, for tarballs and for the consumer. None is above another, so none sees another's packages. */
export class PackedFolder {
  readonly dir: string;
  readonly #build: string;
  readonly #tarballs: string;
  readonly #consumer: string;

  constructor(dir: string) {
    this.dir = dir;
    this.#build = join(dir, 'build');
    this.#tarballs = join(dir, 'tarballs');
    this.#consumer = join(dir, 'consumer');
  }

  /**
   * Compile packages of the workspace, pack them, and put the tarballs into the consumer's folder. Nothing is written into
   * the workspace, and nothing that was built there is used.
   *
   * @param names folders in `packages`, each after those that it imports
   */
  async install(names: readonly string[]): Promise<readonly PackedPackage[]> {
    this.#copySources(names);
    mkdirSync(this.#tarballs);
    const packed: PackedPackage[] = [];
    for (const name of names) {
      const dir = join(this.#build, 'packages', name);
      await run(process.execPath, [typescript, '-p', join(dir, 'tsconfig.build.json')]).catch(failWithOutput);
      packed.push(await this.#unpack(await this.#pack(dir)));
    }
    return packed;
  }

  /** Put a third party's package, as the workspace has it, into the consumer's folder. @returns what takes it away again */
  link(name: string): () => void {
    const path = join(this.#consumer, 'node_modules', name);
    linkTo(join(workspace, 'node_modules', name), path);
    return () => {
      rmSync(path);
    };
  }

  /**
   * Type check consumers under `strict`, the declarations of the packages with them, and compile them.
   *
   * @param names files of this folder
   */
  async compile(...names: readonly string[]): Promise<void> {
    for (const name of names) cpSync(fileURLToPath(new URL(name, import.meta.url)), join(this.#consumer, name));
    const compilerOptions = {
      strict: true,
      target: 'ES2024',
      module: 'NodeNext',
      types: ['node'],
      rewriteRelativeImportExtensions: true,
      outDir: 'out',
    };
    writeFileSync(join(this.#consumer, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    writeFileSync(join(this.#consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: names }));
    await run(process.execPath, [typescript, '-p', this.#consumer]).catch(failWithOutput);
  }

  /** Run a compiled consumer with plain Node. @returns what it printed, as JSON */
  async run(name: string, ...args: readonly string[]): Promise<unknown> {
    const file = join(this.#consumer, 'out', name);
    const { stdout } = await run(process.execPath, [file, ...args], { env: {}, cwd: this.#consumer }).catch(
      failWithOutput,
    );
    return JSON.parse(stdout);
  }

  #copySources(names: readonly string[]): void {
    mkdirSync(this.#build);
    for (const file of ['tsconfig.base.json', 'tsconfig.build.base.json']) {
      cpSync(join(workspace, file), join(this.#build, file));
    }
    for (const name of names) {
      const from = join(workspace, 'packages', name);
      const to = join(this.#build, 'packages', name);
      cpSync(from, to, { recursive: true, filter: (path) => !builtFolders.includes(relative(from, path)) });
      if (existsSync(join(from, 'node_modules'))) linkTo(join(from, 'node_modules'), join(to, 'node_modules'));
      linkTo(to, join(this.#build, 'node_modules', '@abca', name));
    }
    for (const name of readdirSync(join(workspace, 'node_modules'))) {
      const target = join(workspace, 'node_modules', name);
      const isPackage = !name.startsWith('.') && name !== '@abca' && statSync(target).isDirectory();
      if (isPackage) linkTo(target, join(this.#build, 'node_modules', name));
    }
  }

  /** @returns the tarball */
  async #pack(dir: string): Promise<string> {
    // Packing asks nobody. HOME is not the user's, whose settings of npm are not the test's.
    const env = {
      PATH: process.env['PATH'],
      HOME: this.dir,
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
    };
    const args = ['pack', '--ignore-scripts', '--pack-destination', this.#tarballs];
    const { stdout } = await run('npm', args, { cwd: dir, env }).catch(failWithOutput);
    return join(this.#tarballs, basename(stdout.trim()));
  }

  async #unpack(tarball: string): Promise<PackedPackage> {
    const { stdout } = await run('tar', ['-xzOf', tarball, 'package/package.json']);
    const manifest = JSON.parse(stdout) as Manifest;
    const dir = join(this.#consumer, 'node_modules', manifest.name);
    mkdirSync(dir, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', dir, '--strip-components=1']);
    const files = globSync('**/*', { cwd: dir }).filter((path) => statSync(join(dir, path)).isFile());
    return { dir, manifest, files: files.sort() };
  }
}

/** What is not copied: it is made again, or linked. */
const builtFolders = ['dist', 'bundle', 'node_modules'];

/** What a package needs besides the packages of ABCA, those left out that it can do without. */
export function neededBy({ dependencies, peerDependencies, peerDependenciesMeta }: Manifest): readonly string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  return [...Object.keys(dependencies ?? {}), ...peers].filter((name) => !name.startsWith('@abca/'));
}

/** What the files of a package import, with who does. */
export function importsOf({ dir, files }: PackedPackage): readonly { readonly from: string; readonly to: string }[] {
  const pattern = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\n]+)['"]/g;
  return files
    .filter((file) => /\.(js|d\.ts)$/.test(file))
    .flatMap((from) => {
      const text = withoutComments(readFileSync(join(dir, from), 'utf8'));
      return [...text.matchAll(pattern)].map(([, to = '']) => ({ from, to }));
    });
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\*\*[\s\S]*?\*\//gm, '');
}

function linkTo(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** A compiler says what is wrong on its standard output, which an error of `execFile` keeps to itself. */
function failWithOutput(error: unknown): never {
  const { message, stdout = '' } = error as { message: string; stdout?: string };
  throw new Error(`${message}\n${stdout}`, { cause: error });
}
