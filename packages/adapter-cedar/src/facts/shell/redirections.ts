import type { HereDoc, Redirect, Redirection } from 'unbash';
import type { Call } from './machine.ts';
import { recordWrite } from './targets.ts';
import { fileContent } from './text.ts';
import { textOfParts, textsOfWord } from './words.ts';

/** What redirections make of a command's input and output. */
export interface Redirections {
  readonly stdin: string | undefined;
  /** Whether nothing of standard output goes on to the next command. */
  readonly writesOutput: boolean;
}

/** Note the files that redirections write, and find what they give the command to read. */
export function readRedirections(redirects: readonly Redirection[], call: Call): Redirections {
  let { stdin } = call;
  let writesOutput = false;
  for (const redirect of redirects) {
    if (redirect.type === 'HereDoc') stdin = hereDocText(redirect, call);
    else if (redirect.type === 'HereString')
      stdin = redirect.target ? textsOfWord(redirect.target, call).join('\n') : '';
    else if (redirect.operator === '<') stdin = fileText(redirect, call);
    else writesOutput = recordOutput(redirect, call) || writesOutput;
  }
  return { stdin, writesOutput };
}

function hereDocText({ body, delimiter }: HereDoc, call: Call): string {
  if (delimiter?.quoted || body.parts === undefined) return body.text;
  return textOfParts(body.parts, call);
}

function fileText({ target }: Redirect, call: Call): string {
  if (target === undefined) return fileContent;
  return textsOfWord(target, call)
    .map((path) => call.machine.findText(path) ?? fileContent)
    .join('\n');
}

/** Returns whether it was standard output. */
function recordOutput({ operator, target, descriptor }: Redirect, call: Call): boolean {
  if (target === undefined || operator === '<&') return false;
  const isDuplicate = operator === '>&' && /^(?:\d+|-)$/.test(target.value);
  if (isDuplicate) return false;
  for (const path of textsOfWord(target, call)) recordWrite(call, path);
  return descriptor === undefined || (descriptor.type === 'FileDescriptor' && descriptor.value === 1);
}
