import { describe, expect, test } from '@jest/globals';
import { chooseBase, parseRefs } from './remote-refs.ts';

const a = 'a'.repeat(40);
const b = 'b'.repeat(40);

describe('parseRefs()', () => {
  test('reads the default branch from the symbolic HEAD', () => {
    const refs = parseRefs(`ref: refs/heads/main\tHEAD\n${a}\tHEAD\n${a}\trefs/heads/main\n${b}\trefs/heads/x\n`);

    expect({ head: refs.head, refs: [...refs.refs] }).toStrictEqual({
      head: 'refs/heads/main',
      refs: [
        ['refs/heads/main', a],
        ['refs/heads/x', b],
      ],
    });
  });

  test('takes a branch at the same commit for a detached HEAD', () => {
    expect(parseRefs(`${b}\tHEAD\n${a}\trefs/heads/main\n${b}\trefs/heads/x\n`).head).toBe('refs/heads/x');
  });

  test('names no default branch when HEAD stands for one that is not there', () => {
    expect(parseRefs(`ref: refs/heads/gone\tHEAD\n${a}\trefs/heads/main\n`).head).toBeUndefined();
  });
});

describe('chooseBase()', () => {
  test('asks for a base branch when the remote names no default', () => {
    expect(chooseBase(parseRefs(`${a}\trefs/heads/dev\n`), '/r', undefined)).toStrictEqual({
      kind: 'missing',
      code: 'BRANCH_NOT_FOUND',
      message: 'the remote names no default branch; available: dev',
    });
  });

  test('names twenty branches at most', () => {
    const many = Array.from({ length: 23 }, (_, index) => `${a}\trefs/heads/b${String(index)}\n`).join('');

    expect(chooseBase(parseRefs(many), '/r', 'x')).toMatchObject({ message: expect.stringMatching(/b19 and 3 more$/) });
  });
});
