import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { emptyContext } from '@abca/core';
import { aTask } from '@abca/core/testing';
import { boundaryFor } from './boundary.ts';
import { buildPrompt } from './build-prompt.ts';

const hostile = fc
  .array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('abca-data-1', 'abca-data-', '2', '</task ', '>', '\n')),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''));

describe('buildPrompt()', () => {
  test('carries any task text intact between marks that it cannot hold', () => {
    fc.assert(
      fc.property(hostile, hostile, (taskDescription, body) => {
        const { prompt } = buildPrompt(aTask({ taskDescription }), { ...emptyContext, body });

        const boundary = boundaryFor([taskDescription, body]);
        const [, , inTask] = new RegExp(`(<task ${boundary}>\n)([\\s\\S]*?)\n</task ${boundary}>`).exec(prompt) ?? [];
        expect(inTask).toBe(taskDescription);
      }),
    );
  });
});

describe('boundaryFor()', () => {
  test('finds a word that is in none of the texts', () => {
    fc.assert(
      fc.property(fc.array(hostile), (texts) => {
        const word = boundaryFor(texts);

        expect(texts.some((text) => text.includes(word))).toBe(false);
      }),
    );
  });
});
