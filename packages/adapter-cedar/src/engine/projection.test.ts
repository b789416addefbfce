import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isCovered, project, projectionOf } from './projection.ts';

const value = { a: { b: { c: true, d: 'x' }, e: ['y'] }, f: 'z' };

describe('project()', () => {
  test.each([
    [[], {}],
    [[''], value],
    [['f'], { f: 'z' }],
    [['a'], { a: value.a }],
    [['a.b.c', 'a.e'], { a: { b: { c: true }, e: ['y'] } }],
    [['a?'], { a: {} }],
    [['f?'], { f: 'z' }],
    [['a.b?', 'f?'], { a: { b: {} }, f: 'z' }],
    [['a?', 'a.b.d'], { a: { b: { d: 'x' } } }],
    [['a', 'a.b.c'], { a: value.a }],
    [['g', 'a.h.i', 'f.x'], { a: {}, f: 'z' }],
  ])('keeps %j', (reads, expected) => {
    expect(project(value, projectionOf(reads))).toStrictEqual(expected);
  });
});

describe('isCovered()', () => {
  test.each([
    ['a', ['a'], true],
    ['a.b', ['a'], true],
    ['a', ['a.b'], false],
    ['a?', ['a.b'], true],
    ['a?', ['a'], true],
    ['a?', ['a.b?'], true],
    ['a.b', ['a?'], false],
    ['a.b?', ['a?'], false],
    ['ab', ['a'], false],
    ['a', [''], true],
    ['', ['a'], false],
    ['a', [], false],
  ])('%j by %j: %s', (read, reads, expected) => {
    expect(isCovered(read, reads)).toBe(expected);
  });

  // The rules of a group see what the group reads: what a rule reads on its own must all be in it.
  test('means that the wider projection shows as much', () => {
    const read = fc.constantFrom('', 'a', 'a?', 'a.b', 'a.b?', 'a.b.c', 'a.e', 'f', 'f?', 'g?');
    fc.assert(
      fc.property(fc.array(read), read, (reads, one) => {
        fc.pre(isCovered(one, reads));

        const wide = project(value, projectionOf(reads));
        expect(project(wide, projectionOf([one]))).toStrictEqual(project(value, projectionOf([one])));
      }),
    );
  });
});
