import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { hardRulesText, schemaText } from './built-in.gen.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

// L29: the program carries the policies itself, so that no image can be without them.
describe('built-in.gen.ts', () => {
  test('is what its command makes of the policy files', async () => {
    const script = new URL('../../scripts/generate-policies.mjs', import.meta.url).href;
    const { generate } = (await import(script)) as { generate(): Promise<string> };

    expect(read('./built-in.gen.ts')).toBe(await generate());
  });

  test('holds the texts of the policy files', () => {
    expect(hardRulesText).toBe(read('../../policies/hard.cedar'));
    expect(schemaText).toBe(read('../../policies/schema.cedarschema'));
  });
});
