import { readFile, writeFile } from 'node:fs/promises';
import { URL, pathToFileURL } from 'node:url';

const folder = new URL('../policies/', import.meta.url);
const target = new URL('../src/policies/built-in.gen.ts', import.meta.url);

const sources = [
  ['schemaText', 'schema.cedarschema', 'The Cedar schema of a tool call.'],
  ['hardRulesText', 'hard.cedar', 'The built-in hard rules.'],
];

/** The TypeScript module that holds the policy files, so that every bundle has them. */
export async function generate() {
  const parts = await Promise.all(
    sources.map(async ([name, file, meaning]) => {
      const text = await readFile(new URL(file, folder), 'utf8');
      const literal = text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${');
      return `\n/** ${meaning} From policies/${file}. */\nexport const ${name} = \`${literal}\`;\n`;
    }),
  );
  return `// Made from policies/ by: npm run generate -w packages/adapter-cedar\n${parts.join('')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await writeFile(target, await generate());
