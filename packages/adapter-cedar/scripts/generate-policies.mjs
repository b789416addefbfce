import { readFile, writeFile } from 'node:fs/promises';
import { URL, fileURLToPath, pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { loadCedarWasm } from '../src/engine/cedar-wasm.ts';
import { parseRules } from '../src/engine/parse-rules.ts';

const folder = new URL('../policies/', import.meta.url);
const target = new URL('../src/policies/built-in.gen.ts', import.meta.url);

const read = (file) => readFile(new URL(file, folder), 'utf8');

/** The rules of one tier, checked as those of an operator are. */
async function builtIn(cedar, tier, schema) {
  const source = { name: `built-in ${tier} policies`, tier, text: await read(`${tier}.cedar`) };
  const { rules, permits, problems } = parseRules(cedar, source);
  const staticPolicies = Object.fromEntries(rules.map(({ ruleId, text }) => [ruleId, text]));
  const answer = cedar.validate({ schema, policies: { staticPolicies } });
  const errors = answer.type === 'success' ? [...answer.validationErrors, ...answer.validationWarnings] : answer.errors;
  const wrong = [
    ...problems,
    ...permits.map(({ ruleId }) => `${ruleId} is a permit`),
    ...errors.map((error) => JSON.stringify(error)),
  ];
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return rules;
}

/**
 * The TypeScript module that holds the policy files, so that every bundle has them, and what Cedar makes of them, so that no
 * load has to ask again.
 */
export async function generate() {
  const cedar = await loadCedarWasm();
  const [schema, basePermit] = await Promise.all([read('schema.cedarschema'), read('base.cedar')]);
  const rules = [...(await builtIn(cedar, 'hard', schema)), ...(await builtIn(cedar, 'soft', schema))];
  const constant = (meaning, declaration, value) => `\n/** ${meaning} */\nexport const ${declaration} = ${value};\n`;
  const source = [
    '// Made from policies/ by: npm run generate -w packages/adapter-cedar\n',
    "import type { Rule } from '../engine/rule.ts';\n",
    constant('The Cedar schema of a tool call. From policies/schema.cedarschema.', 'schemaText', literal(schema)),
    constant('The one permit. From policies/base.cedar.', 'basePermitText', literal(basePermit)),
    constant(
      'The built-in rules of both tiers, checked. From policies/hard.cedar and policies/soft.cedar.',
      'builtInRules: readonly Rule[]',
      `[\n${rules.map(asSource).join('')}]`,
    ),
  ].join('');
  return format(source, { ...(await resolveConfig(target)), filepath: fileURLToPath(target) });
}

function asSource({ text, ...rest }) {
  const fields = Object.entries(rest).map(([name, value]) => `    ${name}: ${JSON.stringify(value)},\n`);
  return `  {\n${fields.join('')}    text: ${literal(text)},\n  },\n`;
}

function literal(text) {
  return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await writeFile(target, await generate());
