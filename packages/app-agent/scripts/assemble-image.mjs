/**
 * Lays out what the image holds, without Docker: `node packages/app-agent/scripts/assemble-image.mjs <folder>
 * [--platform linux-arm64|linux-x64]`. Makes `<folder>/app` and `<folder>/manifest.json`, which lists every file; the
 * Dockerfile copies the first as it is. Build the bundles before: `npx nx bundle app-agent`.
 *
 * Only what the programs load goes in. So an image is known by its list, and the same tree can be run, and is in
 * image.int.test.ts, on a machine without Docker.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs, promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const packageDir = dirname(import.meta.dirname);
const workspaceDir = join(packageDir, '..', '..');
const require = createRequire(import.meta.url);

/** Processors that an image can be made for. AgentCore runs the first only. */
const platforms = ['linux-arm64', 'linux-x64'];
const programs = ['agent.mjs', 'agent-server.mjs'];
const sdk = '@anthropic-ai/claude-agent-sdk';
const cedar = '@cedar-policy/cedar-wasm';

/** Problems of whoever calls are told in one line. */
class Refusal extends Error {}

async function main() {
  const { folder, platform } = readArguments();
  const appDir = join(folder, 'app');
  await clear(folder, appDir);
  const files = [...ownFiles(), ...(await sdkFiles(platform)), ...(await cedarFiles())];
  for (const { from, to } of files) await place(from, join(appDir, to));
  await writeFile(join(appDir, 'package.json'), await packageJson(platform), { mode: 0o644 });
  const manifest = { platform, ...(await listTree(appDir)) };
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  tell(manifest, appDir);
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { platform: { type: 'string', default: platforms[0] } },
  });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1 || !platforms.includes(values.platform)) {
    throw new Refusal(`usage: assemble-image.mjs <folder> [--platform ${platforms.join('|')}]`);
  }
  return { folder: resolve(folder), platform: values.platform };
}

/** Removes what an earlier run made, and nothing that it did not. */
async function clear(folder, appDir) {
  if (existsSync(appDir) && !existsSync(join(folder, 'manifest.json'))) {
    throw new Refusal(`${appDir} was not made by this program; name another folder`);
  }
  await rm(appDir, { recursive: true, force: true });
  await mkdir(appDir, { recursive: true });
}

function ownFiles() {
  for (const name of programs) {
    if (!existsSync(join(packageDir, 'bundle', name))) {
      throw new Refusal(`bundle/${name} is missing; build it with: npx nx bundle app-agent`);
    }
  }
  return [
    ...programs.map((name) => ({ from: join(packageDir, 'bundle', name), to: name })),
    { from: join(workspaceDir, 'LICENSE'), to: 'LICENSE' },
  ];
}

/** The SDK's entry with all that it imports, and the program it brings for the platform. */
async function sdkFiles(platform) {
  const dir = dirname(require.resolve(sdk));
  const { metafile } = await build({
    absWorkingDir: dir,
    entryPoints: ['sdk.mjs'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    metafile: true,
    write: false,
    outdir: 'none',
    logLevel: 'silent',
  });
  const names = ['package.json', 'LICENSE.md', ...Object.keys(metafile.inputs)];
  const programDir = await platformPackage(`${sdk}-${platform}`);
  return [
    ...names.map((name) => ({ from: join(dir, name), to: join('node_modules', sdk, name) })),
    ...['package.json', 'LICENSE.md', 'claude'].map((name) => ({
      from: join(programDir, name),
      to: join('node_modules', `${sdk}-${platform}`, name),
    })),
  ];
}

/** Of the three builds in the package, the one for Node. */
async function cedarFiles() {
  const nodeDir = dirname(require.resolve(`${cedar}/nodejs`));
  const names = (await readdir(nodeDir)).filter((name) => /\.(js|wasm)$|^package\.json$/.test(name));
  return [
    { from: join(nodeDir, '..', 'package.json'), to: join('node_modules', cedar, 'package.json') },
    ...names.map((name) => ({ from: join(nodeDir, name), to: join('node_modules', cedar, 'nodejs', name) })),
  ];
}

/** Folder of a package that npm installs on its own platform only; elsewhere it is fetched as the lock file knows it. */
async function platformPackage(name) {
  const installed = join(workspaceDir, 'node_modules', name);
  if (existsSync(join(installed, 'claude'))) return installed;
  const lock = JSON.parse(await readFile(join(workspaceDir, 'package-lock.json'), 'utf8'));
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (integrity === undefined) throw new Refusal(`package-lock.json does not hold ${name}`);
  const cache = join(workspaceDir, 'node_modules', '.cache', 'abca-image', `${name.split('/')[1]}-${version}`);
  if (!existsSync(cache)) await fetchPackage({ name, version, integrity, cache });
  return join(cache, 'package');
}

async function fetchPackage({ name, version, integrity, cache }) {
  await mkdir(dirname(cache), { recursive: true });
  const scratch = await mkdtemp(`${cache}-`);
  try {
    await run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', scratch], { cwd: scratch });
    const [archive] = await readdir(scratch);
    const found = `sha512-${await digest(join(scratch, archive), 'sha512', 'base64')}`;
    if (found !== integrity) throw new Refusal(`${name}@${version} is not what package-lock.json knows; do not use it`);
    await run('tar', ['-xzf', archive], { cwd: scratch });
    await rm(join(scratch, archive));
    await rename(scratch, cache);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function place(from, to) {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, to.endsWith('/claude') ? 0o755 : 0o644);
}

/** That the programs are modules, and what is installed beside them. */
async function packageJson(platform) {
  const own = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8'));
  const { version: sdkVersion } = JSON.parse(
    await readFile(join(dirname(require.resolve(sdk)), 'package.json'), 'utf8'),
  );
  const cedarJson = join(dirname(require.resolve(`${cedar}/nodejs`)), '..', 'package.json');
  const { version: cedarVersion } = JSON.parse(await readFile(cedarJson, 'utf8'));
  const { name, version, license, type, engines } = own;
  const dependencies = { [sdk]: sdkVersion, [`${sdk}-${platform}`]: sdkVersion, [cedar]: cedarVersion };
  return `${JSON.stringify({ name, version, license, private: true, type, engines, dependencies }, undefined, 2)}\n`;
}

async function listTree(appDir) {
  const entries = await readdir(appDir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = [];
  for (const path of paths.sort()) {
    const { size } = await stat(path);
    files.push({ path: relative(appDir, path), sizeBytes: size, sha256: await digest(path, 'sha256', 'hex') });
  }
  return { totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), files };
}

async function digest(path, algorithm, encoding) {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash);
  return hash.digest(encoding);
}

function tell({ platform, files, totalBytes }, appDir) {
  const mb = (bytes) => `${(bytes / 1e6).toFixed(1).padStart(7)} MB`;
  for (const { path, sizeBytes } of files) console.log(`${mb(sizeBytes)}  ${path}`);
  console.log(`${mb(totalBytes)}  in ${files.length} files for ${platform}: ${appDir}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
