import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formatsPlugin from 'ajv-formats';
import type { ApiExtract, ApiOperation } from './extract-openapi.ts';

type Json = Readonly<Record<string, unknown>>;

/** A request as far as GitHub's description says what it may be. */
export interface DescribedRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Checks requests, and the fake's own answers, against GitHub's published description. */
export interface ApiChecker {
  readonly operations: readonly ApiOperation[];
  /** What is wrong with a request, one sentence each. Stricter than GitHub: a field it does not know is wrong too. */
  problemsOf(operation: ApiOperation, request: DescribedRequest): readonly string[];
  /** What of an answer is not as described. Fields may be missing: the fake leaves out what nobody reads. */
  problemsOfAnswer(operation: ApiOperation, status: number, body: unknown): readonly string[];
}

const file = new URL('./github-openapi.gen.json', import.meta.url);

let shared: ApiChecker | undefined;

/** The checker of this process. Its schemas are compiled when they are first needed, once for all fakes. */
export function apiChecker(): ApiChecker {
  shared ??= createApiChecker();
  return shared;
}

function createApiChecker(): ApiChecker {
  const { operations, schemas } = JSON.parse(readFileSync(file, 'utf8')) as ApiExtract;
  const loose = new Ajv({ strict: false, allErrors: true, coerceTypes: true, logger: false });
  const exact = new Ajv({ strict: false, allErrors: true, logger: false });
  for (const ajv of [loose, exact]) formatsPlugin.default(ajv);
  const closed = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, close(schema)]));
  const partial = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutRequired(schema)]));
  const compiled = new Map<string, ValidateFunction>();
  const check = (key: string, make: () => ValidateFunction, value: unknown): readonly string[] => {
    const validate = compiled.get(key) ?? make();
    compiled.set(key, validate);
    return validate(value) ? [] : (validate.errors ?? []).map((error) => describe(key, error));
  };

  return {
    operations,
    problemsOf: (operation, { path, query, body }) => [
      ...check(`${operation.id} path`, () => loose.compile(parametersSchema(operation, 'path')), { ...path }),
      ...check(`${operation.id} query`, () => loose.compile(parametersSchema(operation, 'query')), { ...query }),
      ...bodyProblems(operation, body, (schema) =>
        check(`${operation.id} body`, () => exact.compile({ ...schema, components: { schemas: closed } }), body),
      ),
    ],
    problemsOfAnswer: (operation, status, body) => {
      const schema = operation.answers[String(status)];
      if (schema === undefined) return [`${operation.id} does not answer ${String(status)}`];
      const root = { ...(withoutRequired(schema) as Json), components: { schemas: partial } };
      return check(`${operation.id} answer ${String(status)}`, () => exact.compile(root), body);
    },
  };
}

function parametersSchema({ parameters }: ApiOperation, place: string): Json {
  const here = parameters.filter((parameter) => parameter.in === place);
  return {
    type: 'object',
    properties: Object.fromEntries(here.map(({ name, schema }) => [name, schema])),
    required: here.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  };
}

function bodyProblems(
  operation: ApiOperation,
  body: unknown,
  check: (schema: Json) => readonly string[],
): readonly string[] {
  if (operation.body === undefined) return body === undefined ? [] : [`${operation.id} takes no body`];
  if (body === undefined) return operation.body.required ? [`${operation.id} needs a body`] : [];
  return check(close(operation.body.schema) as Json);
}

/** `schema` that refuses fields it does not name, at all depths but where several schemas are put together. */
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, key === 'enum' ? value : close(value)]);
  const whole = ['allOf', 'anyOf', 'oneOf'].every((key) => !(key in schema));
  const object = 'properties' in schema && 'type' in schema && whole && !('additionalProperties' in schema);
  return { ...Object.fromEntries(entries), ...(object && { additionalProperties: false }) };
}

/** `schema` for an answer that leaves out fields. What told alternatives apart may be among them: any one will do. */
function withoutRequired(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutRequired);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === 'required' && Array.isArray(value)))
      .map(([key, value]) => [key === 'oneOf' ? 'anyOf' : key, withoutRequired(value)]),
  );
}

function describe(where: string, { instancePath, message, params }: ErrorObject): string {
  const more = typeof params['additionalProperty'] === 'string' ? ` (${params['additionalProperty']})` : '';
  return `${where}${instancePath}: ${message ?? 'is wrong'}${more}`;
}
