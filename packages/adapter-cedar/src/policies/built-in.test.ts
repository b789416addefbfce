import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadCedarWasm } from '../engine/cedar-wasm.ts';
import { parseRules } from '../engine/parse-rules.ts';
import { basePermitText, builtInRules, schemaText } from './built-in.gen.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

// L29: the program carries the policies itself, so that no image can be without them.
describe('built-in.gen.ts', () => {
  test('is what its command makes of the policy files', async () => {
    const script = new URL('../../scripts/generate-policies.mjs', import.meta.url).href;
    const { generate } = (await import(script)) as { generate(): Promise<string> };

    expect(read('./built-in.gen.ts')).toBe(await generate());
  });

  test('holds the rules of the policy files as they are parsed', async () => {
    const cedar = await loadCedarWasm();
    const parsed = (['hard', 'soft'] as const).map((tier) =>
      parseRules(cedar, { name: `built-in ${tier} policies`, tier, text: read(`../../policies/${tier}.cedar`) }),
    );

    expect(builtInRules).toStrictEqual(parsed.flatMap(({ rules }) => rules));
    expect(parsed.flatMap(({ problems, permits }) => [...problems, ...permits])).toStrictEqual([]);
    expect(basePermitText).toBe(read('../../policies/base.cedar'));
    expect(schemaText).toBe(read('../../policies/schema.cedarschema'));
  });

  // Loading takes their word for it, which saves every process a validation.
  test('holds rules that fit the schema, without a remark', async () => {
    const cedar = await loadCedarWasm();
    const staticPolicies = Object.fromEntries(builtInRules.map(({ ruleId, text }) => [ruleId, text]));

    const answer = cedar.validate({
      schema: schemaText,
      policies: { staticPolicies: { ...staticPolicies, base: basePermitText } },
    });

    expect(answer).toMatchObject({ type: 'success', validationErrors: [], validationWarnings: [] });
  });
});
