/** What a message says, before it is text or HTML. All of it plain text, in one line each but for `block`. */
export interface MailBody {
  readonly title: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** Shown as it is, in its lines. */
  readonly block?: string;
  /** Where to click. */
  readonly link?: { readonly label: string; readonly url: string };
  /** What to type, each with what it is for. */
  readonly commands: readonly (readonly [what: string, command: string])[];
  /** Why the reader gets this. */
  readonly footer: string;
}

/** The message as plain text. */
export function toText({ title, facts, block, link, commands, footer }: MailBody): string {
  const width = Math.max(0, ...facts.map(([label]) => label.length));
  const paragraphs = [
    title,
    facts.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n'),
    block?.replaceAll(/^/gm, '    '),
    link && `${link.label}:\n${link.url}`,
    commands.map(([what, command]) => `${what}: ${command}`).join('\n'),
    `-- \n${footer}`,
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== undefined && paragraph !== '').join('\n\n')}\n`;
}

/** The message as HTML: no picture, no script, nothing that is fetched. Everything is escaped. */
export function toHtml({ title, facts, block, link, commands, footer }: MailBody): string {
  const rows = facts.map(([label, value]) => `<tr><td>${escapeHtml(label)}</td><td>${toLink(value)}</td></tr>`);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body>',
    `<h2>${escapeHtml(title)}</h2>`,
    `<table cellpadding="4">${rows.join('')}</table>`,
    ...(block === undefined ? [] : [`<pre>${escapeHtml(block)}</pre>`]),
    ...(link === undefined ? [] : [`<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a></p>`]),
    ...commands.map(([what, command]) => `<p>${escapeHtml(what)}: <code>${escapeHtml(command)}</code></p>`),
    `<p><small>${escapeHtml(footer)}</small></p>`,
    '</body></html>',
  ].join('\n');
}

/** A value that is nothing but an address of the web can be clicked; every other scheme is text. */
function toLink(value: string): string {
  const text = escapeHtml(value);
  const isWeb = /^https?:\/\/\S+$/.test(value) && URL.canParse(value);
  return isWeb ? `<a href="${text}">${text}</a>` : text;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
