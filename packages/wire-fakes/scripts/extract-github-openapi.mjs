/** Writes src/github/openapi/github-openapi.gen.json from the description in @octokit/openapi. Run: npm run generate -w packages/wire-fakes */
import { readFile, writeFile } from 'node:fs/promises';
import { URL } from 'node:url';
import { extractOpenApi } from '../src/github/openapi/extract-openapi.ts';

const source = new URL(import.meta.resolve('@octokit/openapi/generated/api.github.com.json'));
const target = new URL('../src/github/openapi/github-openapi.gen.json', import.meta.url);
const extract = extractOpenApi(JSON.parse(await readFile(source, 'utf8')));
await writeFile(target, `${JSON.stringify(extract, null, 1)}\n`);
