import type { Call } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { recordWrite } from '../targets.ts';
import { isTelling } from '../telling-names.ts';
import { hasUnknown } from '../text.ts';
import { noteRefspec } from './git-push.ts';

/** Settings whose values git runs. */
const commandKeys =
  /command|pager|editor|askpass|helper|external|textconv|cmd|driver|hookspath|fsmonitor|gitproxy|program/i;

/** Settings that say where a plain `git push` goes, and how. */
const pushKeys = /^(?:remote\..*\.(?:push|mirror)|push\.default)$/is;

/** Settings of one command by `-c key=value`. Returns the aliases among them. */
export function readSettings(call: Call, settings: readonly string[]): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (const setting of settings) {
    const [key = '', ...rest] = setting.split('=');
    const alias = aliasOf(key);
    const value = rest.join('=');
    if (alias === undefined) noteSetting(call, key, rest.length === 0 ? 'true' : value);
    else aliases.set(alias, value);
    if (hasUnknown(key)) call.machine.facts.doubt('a setting of git');
  }
  return aliases;
}

/** The name of the alias that a setting is. */
function aliasOf(key: string): string | undefined {
  return /^alias\.(.+)$/is.exec(key)?.[1];
}

/** Note a setting by what it will make git do: it is judged where it is made. */
function noteSetting(call: Call, key: string, value: string): void {
  const { machine, scope } = call;
  if (pushKeys.test(key)) notePushSetting(call, key.toLowerCase(), value);
  else if (aliasOf(key) !== undefined) runAlias(call, value, []);
  else if (value.startsWith('!') || commandKeys.test(key)) machine.runScript(value.replace(/^!/, ''), scope.fork());
}

function notePushSetting(call: Call, key: string, value: string): void {
  const { push } = call.machine.facts;
  const isOn = !/^(?:false|no|off|0|)$/i.test(value);
  if (hasUnknown(value)) call.machine.facts.doubt('where git push goes');
  if (key.endsWith('.mirror')) push.mirror ||= isOn;
  else if (key.endsWith('.push')) noteRefspec(call, value);
  else if (value === 'matching') push.refs.add('*');
  push.present ||= key.endsWith('.mirror') && isOn;
}

/** What an alias stands for, with the words after it. */
export function runAlias({ machine, scope, stdin }: Call, alias: string, args: readonly string[]): string {
  if (alias.startsWith('!')) return machine.runScript(`${alias.slice(1)} ${args.join(' ')}`, scope.fork(), stdin);
  return machine.runArgv(['git', ...alias.trim().split(/\s+/), ...args], scope.fork(), stdin);
}

/** `git config key value`, in each of its forms. */
export function runConfig(call: Call, words: readonly string[]): void {
  const { operands, ...args } = parseArgs(words, { valued: ['f', 'file', 'blob', 'type'] });
  const [key = '', value] = operands[0] === 'set' ? operands.slice(1) : operands;
  if (value !== undefined && !/^(?:get|list|unset|edit|get-all|get-regexp)$/.test(key)) noteSetting(call, key, value);
  // The repository's own settings are git's to write.
  const others = args.values('f', 'file').filter((file) => isTelling(file) && !file.includes('.git'));
  for (const file of others) recordWrite(call, file);
}
