import { describe, expect, test } from '@jest/globals';
import { findDynoxide } from './dynoxide-binary.ts';

describe('findDynoxide()', () => {
  test('finds the program inside its package', () => {
    const path = findDynoxide({ platform: 'linux', arch: 'x64' }, (id) => `/modules/${id}`);

    expect(path).toBe('/modules/@dynoxide/linux-x64/dynoxide');
  });

  test.each([
    ['a machine without a build', { platform: 'sunos', arch: 'sparc' }, 'no build for sunos-sparc'],
    ['a package that was not installed', { platform: 'linux', arch: 'x64' }, 'npm install @dynoxide/linux-x64'],
  ])('names the remedy for %s', (_name, machine, remedy) => {
    const notInstalled = (): never => {
      throw new Error('cannot find module');
    };

    const find = (): string => findDynoxide(machine, notInstalled);

    expect(find).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_PLATFORM' }));
    expect(find).toThrow(remedy);
    expect(find).toThrow('ABCA_DYNAMODB_ENDPOINT');
  });
});
