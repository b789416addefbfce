const fence = /^ {0,3}(`{3,}[^`]*|~{3,}.*)$/;
/** A word joiner: not seen, and what follows is no name any more. */
const quietAt = '@\u2060';

/**
 * An agent's text in Markdown that calls nobody: what looks like a mention gets a character that is not seen. Fenced code stays as
 * it is, for a suggestion in it may be committed. Comments of HTML are shown.
 */
export function quietMentions(text: string): string {
  let open: string | undefined;
  const lines = text.split('\n').map((line) => {
    const [, marks] = fence.exec(line) ?? [];
    if (marks !== undefined) {
      if (open === undefined) open = /^(?:`+|~+)/.exec(marks)?.[0];
      else if (marks.trim().startsWith(open) && /^[`~]+$/.test(marks.trim())) open = undefined;
      return line;
    }
    if (open !== undefined) return line;
    return line.replaceAll(/@(?=[A-Za-z0-9])/g, quietAt).replaceAll('<!--', '&lt;!--');
  });
  return lines.join('\n');
}
