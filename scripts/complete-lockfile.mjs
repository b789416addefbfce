/**
 * Adds the builds for other platforms that `npm install` left out of package-lock.json because the registry at hand does
 * not hold them. Without their entries `npm ci` refuses the lock file everywhere. They are optional and made for machines
 * that are not this one, so nothing is fetched for them here.
 *
 * Run after `npm install`: npm run complete-lockfile
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));

const systems = {
  darwin: 'darwin',
  linux: 'linux',
  win32: 'win32',
  android: 'android',
  freebsd: 'freebsd',
  openharmony: 'openharmony',
};
const processors = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32'];

/** `@swc/core-linux-arm-gnueabihf` → linux, arm. `undefined` for a name that tells no platform. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = words.find((word) => word in systems);
  const cpu = words.find((word) => processors.includes(word));
  return os === undefined || cpu === undefined ? undefined : { os: [systems[os]], cpu: [cpu] };
}

function missingBuilds() {
  return Object.values(lock.packages).flatMap((parent) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name, version]) => /^\d/.test(version) && !(`node_modules/${name}` in lock.packages))
      .map(([name, version]) => ({ name, version, dev: parent.dev, platform: platformOf(name) })),
  );
}

const added = missingBuilds().filter(({ platform }) => platform !== undefined);
for (const { name, version, dev, platform } of added) {
  lock.packages[`node_modules/${name}`] = {
    version,
    cpu: platform.cpu,
    ...(dev && { dev }),
    optional: true,
    os: platform.os,
  };
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`builds for other platforms added: ${added.length}`);
