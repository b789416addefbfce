import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parseSettings } from './tinyrun-settings.ts';

/** The guide is made of this package: what it shows is compiled and run, or these tests fail. */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = 'docs/guides';
const guide = readFileSync(join(root, folder, 'write-a-compute-adapter.md'), 'utf8');

/** Fenced blocks of a language: what stands behind its name, and the text. */
function blocksOf(language: string): readonly { readonly label: string; readonly text: string }[] {
  const fences = guide.matchAll(new RegExp(`^\`\`\`${language}\\b(.*)\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  return [...fences].map(([, label = '', text = '']) => ({ label: label.trim(), text: text.trim() }));
}

/** The regions of a file, `// #region name` to `// #endregion`, without what all their lines are indented by. */
function regionsOf(file: string): readonly { readonly label: string; readonly text: string }[] {
  const source = readFileSync(join(root, file), 'utf8');
  const regions = source.matchAll(/^ *\/\/ #region (\S+)\n([\s\S]*?)^ *\/\/ #endregion$/gm);
  return [...regions].map(([, name = '', text = '']) => ({ label: `${file}#${name}`, text: dedent(text).trim() }));
}

function dedent(text: string): string {
  const indents = [...text.matchAll(/^( *)\S/gm)].map(([, spaces = '']) => spaces.length);
  return text.replaceAll(new RegExp(`^ {${String(Math.min(...indents))}}`, 'gm'), '');
}

const shown = blocksOf('ts');
const sources = globSync('examples/compute-tinyrun/src/*.ts', { cwd: root }).filter(
  (file) => !/guide\.test/.test(file),
);
const written = [...sources, 'e2e/src/third-party.e2e.test.ts'].flatMap((file) => regionsOf(file));

describe('the guide to write a compute adapter', () => {
  test('shows code of this package, and every part that is meant for it once', () => {
    expect(shown.map(({ label }) => label).sort()).toStrictEqual(written.map(({ label }) => label).sort());
    expect(shown.length).toBeGreaterThan(10);
  });

  test.each(shown)('shows $label as it is', ({ label, text }) => {
    expect(text).toBe(written.find((region) => region.label === label)?.text);
  });

  test('names the dependencies that this package has', () => {
    const [manifest] = blocksOf('json').map(({ text }) => JSON.parse(text) as Record<string, unknown>);
    const own = JSON.parse(
      readFileSync(join(root, 'examples/compute-tinyrun/package.json'), 'utf8'),
    ) as typeof manifest;
    const { exports: entries, ...rest } = manifest ?? {};

    expect(own).toMatchObject(rest);
    expect(own).toMatchObject({ exports: entries });
  });

  test('shows a blueprint whose settings are taken', () => {
    const [, blueprint] = blocksOf('json').map(({ text }) => JSON.parse(text) as { compute: { type: string } });
    const { type, ...settings } = blueprint?.compute ?? { type: 'none' };

    expect(type).toBe('tinyrun');
    expect(parseSettings(settings)).toStrictEqual({ size: 'large' });
  });

  test('links to files that are there', () => {
    const links = [...guide.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = '']) => join(root, folder, link));

    expect(links.filter((path) => !existsSync(path)).map((path) => relative(root, path))).toStrictEqual([]);
    expect(links.length).toBeGreaterThan(2);
  });
});
