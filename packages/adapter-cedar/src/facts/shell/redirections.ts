import type { HereDoc, Redirect, Redirection } from 'unbash';
import type { Call } from './machine.ts';
import { pathsOf, recordWrite } from './targets.ts';
import { fileContent, hasUnknown } from './text.ts';
import { textOfParts, textsOfWord } from './words.ts';

/** What redirections make of a command's input and output. */
export interface Redirections {
  readonly stdin: string | undefined;
  /** Whether nothing of standard output goes on to the next command. */
  readonly writesOutput: boolean;
  /** Note what was printed, in the files that standard output goes to. */
  keepOutput(output: string): void;
}

/** Note the files that redirections write, and find what they give the command to read. */
export function readRedirections(redirects: readonly Redirection[], call: Call): Redirections {
  let { stdin } = call;
  const outputs: Redirect[] = [];
  for (const redirect of redirects) {
    if (redirect.type === 'HereDoc') stdin = hereDocText(redirect, call);
    else if (redirect.type === 'HereString')
      stdin = redirect.target ? textsOfWord(redirect.target, call).join('\n') : '';
    else if (redirect.operator === '<') stdin = fileText(redirect, call);
    else if (recordOutput(redirect, call)) outputs.push(redirect);
  }
  const keepOutput = (output: string): void => {
    for (const redirect of outputs) keepIn(redirect, output, call);
  };
  return { stdin, writesOutput: outputs.length > 0, keepOutput };
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

function keepIn({ operator, target }: Redirect, output: string, call: Call): void {
  const words = target === undefined ? [] : textsOfWord(target, call).filter((word) => !hasUnknown(word));
  for (const path of words.flatMap((word) => pathsOf(call, word))) {
    const before = operator === '>>' ? (call.machine.findText(path) ?? '') : '';
    call.machine.keepText(path, before + output);
  }
}

/** Returns whether it was standard output. */
function recordOutput({ operator, target, descriptor }: Redirect, call: Call): boolean {
  if (target === undefined || operator === '<&') return false;
  const isDuplicate = operator === '>&' && /^(?:\d+|-)$/.test(target.value);
  if (isDuplicate) return false;
  for (const path of textsOfWord(target, call)) recordWrite(call, path);
  return descriptor === undefined || (descriptor.type === 'FileDescriptor' && descriptor.value === 1);
}
