/** JSON of a schema or of a part of the description. */
type Json = Readonly<Record<string, unknown>>;

/** One operation of the API as far as its requests, and what it answers when it succeeds, are described. */
export interface ApiOperation {
  readonly id: string;
  readonly method: string;
  /** With placeholders: `/repos/{owner}/{repo}`. */
  readonly path: string;
  readonly parameters: readonly ApiParameter[];
  readonly body?: { readonly required: boolean; readonly schema: Json };
  /** Schema of the answer that has a body, by status. */
  readonly answers: Readonly<Record<string, Json>>;
}

export interface ApiParameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Json;
}

/** What is kept of GitHub's description. */
export interface ApiExtract {
  readonly operations: readonly ApiOperation[];
  /** The schemas that the operations refer to, by name. */
  readonly schemas: Readonly<Record<string, Json>>;
}

/** The operations that the fake serves. */
export const servedOperations = [
  'apps/create-installation-access-token',
  'apps/get-authenticated',
  'apps/get-repo-installation',
  'checks/list-for-ref',
  'git/get-ref',
  'issues/create-comment',
  'issues/get',
  'issues/get-comment',
  'issues/list-comments',
  'issues/update-comment',
  'pulls/create',
  'pulls/create-review',
  'pulls/get',
  'pulls/list',
  'pulls/list-review-comments',
  'pulls/list-reviews',
  'pulls/update',
  'repos/compare-commits-with-basehead',
  'repos/get',
  'repos/get-branch',
  'repos/get-collaborator-permission-level',
  'repos/list-branches',
  'users/get-authenticated',
] as const;
export type ServedOperation = (typeof servedOperations)[number];

const componentPrefix = '#/components/schemas/';
/** Says nothing that a check could use. */
const prose = new Set(['description', 'example', 'examples', 'externalDocs', 'title', 'deprecated', 'default']);

/**
 * What the fake needs of GitHub's published description: the requests of the operations that it serves, the shape of their
 * answers, and every schema that those name.
 *
 * @param description the file `generated/api.github.com.json` of @octokit/openapi
 */
export function extractOpenApi(description: unknown): ApiExtract {
  const document = description as { readonly paths: Json; readonly components: Readonly<Record<string, Json>> };
  const operations = servedOperations.map((id) => findOperation(document, id));
  const schemas: Record<string, Json> = {};
  const wanted = operations.flatMap((operation) => namesIn(operation));
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (Object.hasOwn(schemas, name)) continue;
    const schema = plain(document.components['schemas']?.[name]) as Json;
    schemas[name] = schema;
    wanted.push(...namesIn(schema));
  }
  const sorted = Object.keys(schemas).sort();
  return { operations, schemas: Object.fromEntries(sorted.map((name) => [name, schemas[name] ?? {}])) };
}

interface Described {
  readonly operationId?: string;
  readonly parameters?: readonly Json[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Json>> };
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, Json>> }>>;
}

function findOperation(
  document: { paths: Json; components: Readonly<Record<string, Json>> },
  id: string,
): ApiOperation {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, value] of Object.entries(methods as Json)) {
      const described = value as Described;
      if (described.operationId !== id) continue;
      return { id, method: method.toUpperCase(), path, ...describe(described, document.components) };
    }
  }
  throw new Error(`GitHub's description has no operation ${id}`);
}

function describe(
  described: Described,
  components: Readonly<Record<string, Json>>,
): Pick<ApiOperation, 'parameters' | 'body' | 'answers'> {
  const body = described.requestBody;
  return {
    parameters: (described.parameters ?? []).map((parameter) => readParameter(parameter, components)),
    ...(body && { body: { required: body.required === true, schema: plain(jsonSchema(body.content)) as Json } }),
    answers: Object.fromEntries(
      Object.entries(described.responses ?? {})
        .filter(([status, { content }]) => status.startsWith('2') && content !== undefined)
        .map(([status, { content }]) => [status, plain(jsonSchema(content ?? {})) as Json]),
    ),
  };
}

function readParameter(parameter: Json, components: Readonly<Record<string, Json>>): ApiParameter {
  const name = String(parameter['$ref'] ?? '').replace('#/components/parameters/', '');
  const found = (name === '' ? parameter : components['parameters']?.[name]) as Json;
  return {
    name: String(found['name']),
    in: String(found['in']),
    required: found['required'] === true,
    schema: plain(found['schema']) as Json,
  };
}

function jsonSchema(content: Readonly<Record<string, Json>>): unknown {
  return content['application/json']?.['schema'] ?? {};
}

/**
 * `value` as JSON Schema and without prose. OpenAPI's `nullable` becomes an alternative. A property that is called like a word of
 * prose stays: names of properties are not keywords.
 */
function plain(value: unknown, inProperties = false): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .filter(([key]) => inProperties || !(prose.has(key) || key === 'nullable' || key.startsWith('x-')))
    .map(([key, item]) => [key, key === 'enum' ? item : plain(item, !inProperties && key === 'properties')]);
  const schema = Object.fromEntries(kept) as Json;
  const nullable = !inProperties && (value as Json)['nullable'] === true;
  return nullable ? { anyOf: [schema, { type: 'null' }] } : schema;
}

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === '$ref' && typeof item === 'string' && item.startsWith(componentPrefix)
      ? [item.slice(componentPrefix.length)]
      : namesIn(item),
  );
}
