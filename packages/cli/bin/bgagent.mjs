#!/usr/bin/env node
// Plain JavaScript that old Nodes understand too: it finds a Node that is new enough and hands over to it.
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, URL } from 'node:url';

const neededMajor = 22;
const program = fileURLToPath(new URL('../bundle/main.js', import.meta.url));

if (!existsSync(program)) {
  fail(`bgagent has not been built: ${program} is missing; build it with: npx nx bundle cli`);
} else if (majorOf(process.versions.node) >= neededMajor) {
  keepCompiled();
  await import(program);
} else {
  await handOver(findNode());
}

/**
 * Half of the start-up is compiling. Kept in the user's own cache folder, not in the shared temporary one, where others could
 * put code for us to run. Where it cannot be written, nothing is kept.
 */
function keepCompiled() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  module.enableCompileCache?.(join(cache, 'abca', 'compiled'));
}

function majorOf(version) {
  return Number(version.split('.')[0]);
}

/** The Node that the npm package `node` brings, as this project's own dependency. */
function findNode() {
  try {
    const binary = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

async function handOver(node) {
  if (node === undefined) {
    fail(
      `bgagent needs Node ${neededMajor} or newer, this is ${process.versions.node}; install one, or run: npm install node@24`,
    );
    return;
  }
  const { spawn } = await import('node:child_process');
  const path = `${dirname(node)}:${process.env.PATH ?? ''}`;
  // The channel tells the child when this process is gone, however it went.
  const child = spawn(node, [program, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: path },
  });
  // The terminal sends Ctrl-C to both; the child decides what it means.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${node} does not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal !== null) process.exit(1);
    process.exit(code ?? 1);
  });
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 1;
}
