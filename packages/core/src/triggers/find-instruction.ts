const fenceLine = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/**
 * What a text in Markdown tells `mention` to do: what stands after the first line that begins with it, to the end. Quoted
 * lines, code and hidden comments address nobody. Linear in the length of the text.
 *
 * @param mention `@` and a name of letters, digits and hyphens
 * @returns empty when it is only named; `undefined` when it is not addressed
 */
export function findInstruction(text: string, mention: string): string | undefined {
  const lines = withoutHidden(text).split('\n');
  const address = addressOf(mention);
  let fence: string | undefined;
  for (const [index, line] of lines.entries()) {
    const said = fence === undefined ? afterAddress(line, address) : undefined;
    if (said !== undefined) return [said, ...lines.slice(index + 1)].join('\n').trim();
    fence = fenceAfter(line, fence);
  }
  return undefined;
}

/** Comments of HTML are not shown to anybody, and one that is not closed hides all that follows. */
function withoutHidden(text: string): string {
  return text.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '');
}

/** The beginning of a line that addresses `mention`. `@abca-dev`, `@abca/team` and `@abca.example` are others; four spaces are code. */
function addressOf(mention: string): RegExp {
  return new RegExp(`^ {0,3}${mention}(?![\\p{L}\\p{N}_/-]|\\.[\\p{L}\\p{N}])`, 'iu');
}

function afterAddress(line: string, address: RegExp): string | undefined {
  const begins = address.exec(line);
  return begins === null ? undefined : line.slice(begins[0].length).replace(/^[\s,:]+/, '');
}

/** The fence that is open after `line`: a block of code ends with at least as many of the same mark, and nothing else. */
function fenceAfter(line: string, open: string | undefined): string | undefined {
  const [, marks, rest = ''] = fenceLine.exec(line) ?? [];
  if (marks === undefined) return open;
  // Three marks with another one behind them, on one line, are code within the line.
  if (open === undefined) return marks.startsWith('`') && rest.includes('`') ? undefined : marks;
  return marks.startsWith(open) && rest.trim() === '' ? undefined : open;
}
