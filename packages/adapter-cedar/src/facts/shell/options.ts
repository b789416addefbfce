/** What `getopt` would make of a command's words. */
export interface ParsedArgs {
  readonly operands: readonly string[];
  /** Whether one of the options is there; names come without dashes. */
  has(...names: readonly string[]): boolean;
  /** The values of these options, in order. */
  values(...names: readonly string[]): readonly string[];
  /** Every long option that is there, without dashes. */
  readonly longNames: readonly string[];
}

export interface OptionRules {
  /** Options that take a value, without dashes; one letter is a short option. */
  readonly valued?: readonly string[];
  /** The first operand ends the options: what follows is another command. */
  readonly stopAtOperand?: boolean;
}

interface Found {
  readonly name: string;
  readonly value: string | undefined;
}

/** Split the words after a program's name into options and operands. Total. */
export function parseArgs(args: readonly string[], rules: OptionRules = {}): ParsedArgs {
  const found: Found[] = [];
  const operands: string[] = [];
  const queue = [...args];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') {
      operands.push(...queue.splice(0));
    } else if (word.startsWith('--')) {
      found.push(longOption(word.slice(2), queue, rules));
    } else if (word.startsWith('-') && word.length > 1) {
      found.push(...shortOptions(word.slice(1), queue, rules));
    } else {
      operands.push(word);
      if (rules.stopAtOperand) operands.push(...queue.splice(0));
    }
  }
  return result(found, operands);
}

function result(found: readonly Found[], operands: readonly string[]): ParsedArgs {
  return {
    operands,
    has: (...names) => found.some(({ name }) => names.includes(name)),
    values: (...names) =>
      found.flatMap(({ name, value }) => (names.includes(name) && value !== undefined ? [value] : [])),
    longNames: found.filter(({ name }) => name.length > 1).map(({ name }) => name),
  };
}

function longOption(text: string, queue: string[], { valued = [] }: OptionRules): Found {
  const equals = text.indexOf('=');
  if (equals >= 0) return { name: text.slice(0, equals), value: text.slice(equals + 1) };
  return { name: text, value: valued.includes(text) ? queue.shift() : undefined };
}

function shortOptions(cluster: string, queue: string[], { valued = [] }: OptionRules): Found[] {
  const found: Found[] = [];
  const letters = [...cluster];
  for (const [index, name] of letters.entries()) {
    if (!valued.includes(name)) {
      found.push({ name, value: undefined });
      continue;
    }
    const rest = letters.slice(index + 1).join('');
    found.push({ name, value: rest === '' ? queue.shift() : rest });
    break;
  }
  return found;
}
