import { tiers, type CedarPolicies, type Tier } from '@abca/core';
import { readText } from '../commands/read-text.ts';
import { usageError } from '../errors/cli-error.ts';
import type { CliIo } from '../io/cli-io.ts';

/** One file of rules. */
export interface PolicyFile {
  /** As the person named it. */
  readonly name: string;
  readonly tier: Tier;
  readonly text: string;
}

/** What is wrong with policies, in its parts. */
export interface PolicyProblem {
  readonly file?: string;
  readonly line?: number;
  readonly rule_id?: string;
  readonly message: string;
  readonly remedy?: string;
}

/** How the loader names a place in texts that are not built in. */
const place = /operator (hard|soft) policies(?:, rule ([^,:;|]+))?(?:, line (\d+))?/g;

/**
 * The files with the tier of each: as said, else by the `@tier` of their rules, else by their name.
 *
 * @throws CliError FILE_UNREADABLE, USAGE when a tier cannot be told
 */
export async function readPolicyFiles(
  names: readonly string[],
  io: Pick<CliIo, 'stdin' | 'cwd'>,
  tier?: Tier,
): Promise<readonly PolicyFile[]> {
  const texts = await Promise.all(names.map((name) => readText(name, io)));
  return texts.map((text, index) => {
    const name = names[index] ?? '';
    return { name, text, tier: tier ?? tierOf(name, text) };
  });
}

/** The texts as a repository would have them: one for each tier. */
export function joinPolicies(files: readonly PolicyFile[]): Pick<CedarPolicies, 'hard' | 'soft'> {
  const joined = tiers.flatMap((tier) => {
    const own = files.filter((file) => file.tier === tier);
    return own.length === 0 ? [] : [[tier, own.map(({ text }) => withLineEnd(text)).join('')]];
  });
  return Object.fromEntries(joined) as Pick<CedarPolicies, 'hard' | 'soft'>;
}

/** A sentence of the loader with the places it names in the files, not in the joined texts. */
export function inFiles(sentence: string, files: readonly PolicyFile[]): string {
  return sentence.replaceAll(place, (whole, tier: Tier, ruleId?: string, line?: string) => {
    const found = line === undefined ? undefined : findPlace(files, tier, Number(line));
    const [only, ...others] = files.filter((file) => file.tier === tier);
    if (found === undefined) return only !== undefined && others.length === 0 ? only.name : whole;
    return `${found.file}${ruleId === undefined ? '' : `, rule ${ruleId}`}, line ${String(found.line)}`;
  });
}

/** A sentence of the loader in its parts. */
export function toProblem(sentence: string, files: readonly PolicyFile[]): PolicyProblem {
  const [match] = sentence.matchAll(place);
  const [, tier, ruleId, line] = match?.index === 0 ? match : [];
  const found = line === undefined ? undefined : findPlace(files, tier as Tier, Number(line));
  const rest = inFiles(match?.index === 0 ? sentence.slice(match[0].length).replace(/^: /, '') : sentence, files);
  const cut = rest.lastIndexOf('; ');
  return {
    ...found,
    ...(ruleId !== undefined && { rule_id: ruleId }),
    message: cut === -1 ? rest : rest.slice(0, cut),
    ...(cut !== -1 && { remedy: rest.slice(cut + 2) }),
  };
}

function tierOf(name: string, text: string): Tier {
  const said = tiers.filter((tier) => new RegExp(String.raw`^\s*@tier\(\s*"${tier}"\s*\)`, 'm').test(text));
  const named = tiers.filter((tier) => name.toLowerCase().includes(tier));
  const [tier, ...others] = said.length > 0 ? said : named;
  if (tier !== undefined && others.length === 0) return tier;
  const why = tier === undefined ? 'says no tier' : 'has rules of both tiers';
  throw usageError(`${name} ${why}`, 'write each tier in a file of its own, or say which one it is with --tier');
}

function findPlace(
  files: readonly PolicyFile[],
  tier: Tier,
  line: number,
): { readonly file: string; readonly line: number } | undefined {
  let left = line;
  for (const { name, text } of files.filter((file) => file.tier === tier)) {
    const lines = withLineEnd(text).split('\n').length - 1;
    if (left <= lines) return { file: name, line: left };
    left -= lines;
  }
  return undefined;
}

function withLineEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
