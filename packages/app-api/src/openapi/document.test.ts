import { describe, expect, test } from '@jest/globals';
import { eventTypes } from '@abca/core';
import { Validator } from '@seriousme/openapi-schema-validator';
import { anApi } from '../api.test-kit.ts';

interface Operation {
  readonly operationId?: string;
  readonly security?: readonly unknown[];
  readonly responses: Record<string, { readonly content?: Record<string, { schema?: unknown; example?: unknown }> }>;
  readonly requestBody?: { readonly content: Record<string, { example?: unknown }> };
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

async function getDocument(): Promise<Document> {
  return (await anApi().call('GET', '/v1/openapi.json', { headers: { authorization: '' } })).json as Document;
}

describe('the OpenAPI document', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    const result = await new Validator().validate(structuredClone(await getDocument()) as never);

    expect(result).toStrictEqual({ valid: true });
  });

  test('holds every route that is served', async () => {
    const { app } = anApi();
    const served = app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/v1/openapi.json')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);

    const { paths } = await getDocument();
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );

    expect(documented.sort()).toStrictEqual([...new Set(served)].sort());
  });

  test('gives every route a name, answers with schema and example, and its security', async () => {
    const { paths } = await getDocument();
    const operations = Object.values(paths).flatMap((operations) => Object.values(operations));

    const faults = operations.flatMap(({ operationId, security, responses, requestBody }) => {
      const contents = [...Object.values(responses), ...(requestBody ? [requestBody] : [])].flatMap(({ content }) =>
        Object.values(content ?? {}),
      );
      return [
        ...(security === undefined ? [`${operationId}: no security`] : []),
        ...(Object.keys(responses).some((status) => status.startsWith('2')) ? [] : [`${operationId}: no success`]),
        ...contents.filter(({ example }) => example === undefined).map(() => `${operationId}: no example`),
      ];
    });

    expect(faults).toStrictEqual([]);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  test('describes every type of event', async () => {
    const { schemas } = (await getDocument()).components;

    expect(eventTypes.filter((type) => schemas[`Event_${type}`] === undefined)).toStrictEqual([]);
  });
});
