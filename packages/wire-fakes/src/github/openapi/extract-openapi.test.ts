import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { extractOpenApi, servedOperations } from './extract-openapi.ts';

const readJson = async (path: string | URL): Promise<unknown> => JSON.parse(await readFile(path, 'utf8')) as unknown;
const description = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');

describe('github-openapi.gen.json', () => {
  test("is what `npm run generate -w packages/wire-fakes` makes of GitHub's description", async () => {
    const committed = await readJson(new URL('./github-openapi.gen.json', import.meta.url));

    expect(committed).toStrictEqual(JSON.parse(JSON.stringify(extractOpenApi(await readJson(description)))));
  });

  test('describes every operation that the fake serves', async () => {
    const { operations } = extractOpenApi(await readJson(description));

    expect(operations.map(({ id }) => id)).toStrictEqual([...servedOperations]);
  });
});
