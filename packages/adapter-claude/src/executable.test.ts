import { accessSync, constants } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { findExecutable } from './executable.ts';

describe('findExecutable()', () => {
  test('finds the program that the SDK installed', () => {
    const path = findExecutable();

    expect(path).toMatch(/claude-agent-sdk-.*\/claude$/);
    expect(() => accessSync(path ?? '', constants.X_OK)).not.toThrow();
  });

  test('finds nothing where the SDK is not installed', () => {
    expect(findExecutable(pathToFileURL('/a.js').href)).toBeUndefined();
  });
});
