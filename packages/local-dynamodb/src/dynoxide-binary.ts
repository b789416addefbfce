import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AbcaError } from '@abca/core';

/** Builds of dynoxide that this package knows, by `<platform>-<arch>`. */
const packages: Readonly<Record<string, string>> = { 'linux-x64': '@dynoxide/linux-x64' };

/** The machine a binary is looked for. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

/**
 * Path of the embedded DynamoDB for this machine.
 *
 * @throws AbcaError UNSUPPORTED_PLATFORM when there is no build for the machine, or it was left out at install
 */
export function findDynoxide(machine: Machine = process, resolve: (id: string) => string = resolveHere): string {
  const name = `${machine.platform}-${machine.arch}`;
  const packageName = packages[name];
  if (packageName === undefined) {
    throw unsupported(`the embedded DynamoDB has no build for ${name}, only for ${Object.keys(packages).join(', ')}`);
  }
  try {
    return join(dirname(resolve(`${packageName}/package.json`)), 'dynoxide');
  } catch (cause) {
    throw unsupported(`the embedded DynamoDB is not installed; run: npm install ${packageName}`, cause);
  }
}

const resolveHere = (id: string): string => createRequire(import.meta.url).resolve(id);

function unsupported(what: string, cause?: unknown): AbcaError {
  return new AbcaError(
    'UNSUPPORTED_PLATFORM',
    `${what}; or set ABCA_DYNAMODB_ENDPOINT to a DynamoDB that runs already, such as http://127.0.0.1:8000`,
    { cause },
  );
}
