// Literals here are without backslashes: what a path is must be plain to see. All patterns are linear in the text.
const literal = `(['"])([^'"\\\\\\n]{1,500})`;
const mode = `\\s*,\\s*(?:mode\\s*=\\s*)?['"][rwaxbt+]{1,4}['"]`;

/** Calls that write the one file which they name, by language. The second group is the file. */
const writingCalls: Readonly<Record<string, readonly RegExp[]>> = {
  python: [
    new RegExp(`\\bopen\\(\\s*${literal}\\1${mode}`, 'g'),
    new RegExp(`\\bPath\\(\\s*${literal}\\1\\s*\\)\\s*\\.(?:write_text|write_bytes|touch|mkdir)\\s*\\(`, 'g'),
  ],
  node: [
    new RegExp(
      `\\b(?:writeFile|writeFileSync|appendFile|appendFileSync|createWriteStream|mkdirSync)\\(\\s*${literal}\\1`,
      'g',
    ),
  ],
};

/** What is written to an open file, or to standard output: the file itself was named where it was opened. */
const throughHandle = /(?<!\b(?:Bun|Deno))\.write(?:lines)?\s*\(/g;

/** The files that code plainly names where it writes them, and the code without these calls. */
export function literalWrites(program: string, code: string): { files: readonly string[]; rest: string } {
  const calls = writingCalls[/^(?:python|pypy)/.test(program) ? 'python' : 'node'] ?? [];
  if (!/^(?:python[\d.]*|pypy[\d.]*|node|nodejs|bun|tsx|ts-node)$/.test(program)) return { files: [], rest: code };
  const files = calls.flatMap((call) => [...code.matchAll(call)].map(([, , file = '']) => file));
  const rest = calls.reduce((text, call) => text.replaceAll(call, 'written '), code);
  return { files, rest: rest.replaceAll(throughHandle, ' ') };
}
