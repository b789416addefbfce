import type { Suspicion } from './fact-collector.ts';

// All patterns here are linear in the text: they see whole commands of a model, unparsed.
const anyDrop = /\bdrop(?:\s|\/\*[^*]{0,99}\*\/)+(?:temporary\s+)?(?:table|schema|database)\b/i;
const gitFolder = /(?:^|[\s'"`=(,:/>])\.git(?:$|[\s'"`),;/|&])/i;
const recursiveOption = /\s(?:-[a-z]*r|--r)/i;
const wideTarget =
  /[\s'"](?:\/+[.*]*|~\/?\**|\/(?:bin|boot|dev|etc|home|lib|opt|proc|root|sbin|srv|sys|usr|var)\/?\**)(?:$|[\s)'"`])/i;
const removingCall =
  /\b(?:rmtree|rm|rmSync|rmdir|rmdirSync|remove|rm_rf|rm_r|remove_tree|rimraf)\s*(?:\(\s*)?['"`](?:\/+|~\/?)\**['"`]/i;
const changingWord =
  /\b(?:open|write\w*|append\w*|unlink\w*|rm\w*|remove\w*|rename\w*|move|copy\w*|truncate\w*|mkdir\w*|makedirs|touch|chmod|symlink\w*|system|exec\w*|spawn\w*|popen|subprocess|child_process|eval)\b|[>`]/i;
const writesSomething =
  /\b(?:write_?\w*|append(?:file)\w*|unlink\w*|rmtree|rm(?:dir)?sync|rmdir|remove_tree|rename\w*|truncate\w*|mkdir\w*|makedirs|copyfile\w*|copytree|symlink\w*|touch|opensync|createwritestream|fileio|extractall|urlretrieve|linksync|cpsync|set_key)\s*\(|\bshutil\.(?:copy|move|make_archive|unpack)|\bos\.(?:remove|replace|link|chmod|chown|mknod)|\bopen\s*\([^)]{0,300},\s{0,9}(?:mode\s?=\s?)?['"][^'"]{0,4}[wax+>]/i;
const startsSomething =
  /\b(?:system|exec(?:sync|file|filesync|v|vp|l|lp)?|spawn(?:sync)?|popen|fork|eval|execute|chdir|__import__|import_module)\s*\(|\b(?:subprocess|child_process|pty|ctypes|process\.binding)\b/i;
/** Languages in which calls need no brackets, and text in back quotes runs. */
const startsWithoutBrackets =
  /(?:^|[=({;,.\s])`|%x|\bqx\b|(?:^|[;{}(=]|\b(?:and|or|if|unless|do|then|return|print|die|puts|echo)\s)\s{0,9}(?:system|exec|spawn|popen|unlink|rename|rmdir|mkdir|eval|IO\.popen|File\.(?:delete|write|rename))\b/m;
/** Functions that write or run, handed on under another name or found by a computed one. */
const handsOn =
  /=\s*open\b(?!\s*\()|\bimport\s+open\b|\.open\s*\(\s*['"][wax]|\b(?:write|append|rm|unlink|rename|copy|cp|link|exec|spawn)\w*Sync\b\s*[:;]|\bfs(?:['"]\s*\))?\s*\[|\bPath\([^)\n]{0,200}\)\.replace\(/;
/** JavaScript's way of making code of a text; `function (` is none. */
const makesFunction = /\bFunction\s*\(/;

/**
 * Which hard rules a command that could not be resolved may break, by its text alone. Wide on purpose: the reply is a
 * denial that asks for the command in plain words.
 */
export function suspicionsOfCommand(text: string): readonly Suspicion[] {
  const found: Suspicion[] = [];
  if (removesWidely(text) || removingCall.test(text)) found.push('rm_slash');
  if (gitFolder.test(text)) found.push('write_git_internals');
  if (anyDrop.test(text)) found.push('drop_table');
  return found;
}

/** The same for code of another language that a command carries in its words. */
export function suspicionsOfCode(code: string): readonly Suspicion[] {
  const found: Suspicion[] = [];
  if (removesWidely(code) || removingCall.test(code)) found.push('rm_slash');
  if (gitFolder.test(code) && changingWord.test(code)) found.push('write_git_internals');
  if (anyDrop.test(code)) found.push('drop_table');
  return found;
}

/** Whether code may change files or start programs: then what it does is not resolved. */
export function mayAct(code: string, program: string): boolean {
  if (/^(?:perl|ruby|php|lua)$/.test(program) && startsWithoutBrackets.test(code)) return true;
  return writesSomething.test(code) || startsSomething.test(code) || makesFunction.test(code) || handsOn.test(code);
}

function removesWidely(text: string): boolean {
  return text.split(/[;&|\n]/).some((segment) => {
    const at = segment.search(/\brm\b/i);
    const words = at < 0 ? '' : segment.slice(at);
    return recursiveOption.test(words) && wideTarget.test(words);
  });
}
