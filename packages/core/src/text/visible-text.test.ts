import { expect, test } from '@jest/globals';
import { visibleText } from './visible-text.ts';

test.each([
  ['rm -rf ./tmp # ok', 'rm -rf ./tmp # ok'],
  ['größe 日本 🙂\n\tx', 'größe 日本 🙂\n\tx'],
  ['echo \u202egpj.exe', 'echo <U+202E>gpj.exe'],
  ['git pu\u200bsh', 'git pu<U+200B>sh'],
  ['a\u00adb\ufeffc\u2066d\u2029e', 'a<U+00AD>b<U+FEFF>c<U+2066>d<U+2029>e'],
  ['x\u{e0041}y', 'x<U+E0041>y'],
])('%j is shown as %j', (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});
