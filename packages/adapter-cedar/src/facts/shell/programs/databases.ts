import type { Call, Handler } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { hasUnknown, isFileContent, unknown } from '../text.ts';

const sqlOptions = ['c', 'e', 'q', 'Q', 'command', 'execute', 'query', 'sql', 'cmd'];
const otherValued = [
  ...'hpUdufvPFRToSDLAl',
  'host',
  'port',
  'username',
  'dbname',
  'user',
  'database',
  'file',
  'output',
];
const verbs =
  /^(?:select|insert|update|delete|drop|truncate|alter|create|grant|revoke|merge|replace|call|do|exec|execute|with|begin|commit|rollback|set|show|explain|describe|copy|vacuum|analyze|rename|use|prepare)$/;
const modifiers = /\b(?:temporary|temp|unlogged|materialized|global|local|or replace|unique|concurrently)\s+/g;
const takesObject = /^(?:drop|truncate|alter|create|rename)$/;
const anyDrop = /\bdrop\s+(?:temporary\s+)?(table|schema|database)\b/g;

/**
 * What the statements of an SQL text do, such as `drop table` or `select`: lower case, without names. Comments and
 * quoted text are left out, unless the statement runs text as SQL.
 */
export function sqlActions(sql: string): readonly string[] {
  const runsText = /\b(?:execute|exec|prepare|do)\b/i.test(sql);
  const plain = withoutComments(sql);
  const bare = runsText ? plain : plain.replaceAll(/'(?:[^']|'')*'/g, "''");
  return [...new Set(bare.toLowerCase().split(';').flatMap(actionsOf))];
}

function actionsOf(statement: string): readonly string[] {
  const words = statement
    .replaceAll(modifiers, '')
    .trim()
    .split(/[\s(]+/);
  const [verb = '', object = ''] = words;
  const drops = [...statement.matchAll(anyDrop)].map(([, kind = '']) => `drop ${kind}`);
  if (!verbs.test(verb)) return drops;
  return [takesObject.test(verb) ? `${verb} ${object}` : verb, ...drops];
}

/** MySQL runs what stands in comments that start with `!`. */
function withoutComments(sql: string): string {
  return sql
    .replaceAll(/\/\*!\d*([\s\S]*?)\*\//g, ' $1 ')
    .replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
    .replaceAll(/(?:--|#)[^\n]*/g, ' ');
}

/** A client of a database: SQL in options, in operands, or on standard input. Files of SQL are not opened. */
function client(call: Call): string {
  const { stdin, machine } = call;
  const args = parseArgs(call.args, { valued: [...sqlOptions, ...otherValued] });
  const given = args.values(...sqlOptions);
  for (const sql of [...given, ...call.args]) note(call, sql);
  if (given.some(hasUnknown) || args.operands.slice(1).some(hasUnknown)) machine.facts.doubt(`SQL of ${call.program}`);
  if (stdin !== undefined) {
    note(call, stdin);
    if (hasUnknown(stdin) && !isFileContent(stdin)) machine.facts.doubt(`SQL of ${call.program}`);
  }
  for (const shellCode of shellEscapes([...given, stdin ?? ''])) machine.runScript(shellCode, call.scope.fork());
  return unknown;
}

function note({ machine }: Call, sql: string): void {
  for (const action of sqlActions(sql.replace(/^(?:--?[a-zA-Z-]+=?)/, ''))) machine.facts.sqlStatements.add(action);
}

/** `\! command` of psql and mysql, `.shell command` of sqlite3. */
function shellEscapes(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(/(?:\\!|^\.(?:shell|system))\s*(.+)/gm)].map(([, code = '']) => code),
  );
}

const names =
  'psql pgcli mysql mariadb mycli sqlite3 sqlite duckdb sqlcmd cockroach clickhouse clickhouse-client snowsql sqlplus isql usql bq';

/** Clients that run SQL. */
export const databaseClients: Readonly<Record<string, Handler>> = Object.fromEntries(
  names.split(' ').map((name) => [name, client]),
);
