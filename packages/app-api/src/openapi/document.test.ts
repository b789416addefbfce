import { describe, expect, test } from '@jest/globals';
import { eventTypes } from '@abca/core';
import { Validator } from '@seriousme/openapi-schema-validator';
import { anApi, type ApiWorld } from '../api.test-kit.ts';
import { aWebhookWorld } from '../webhooks/webhooks.test-kit.ts';

interface Operation {
  readonly operationId?: string;
  readonly security?: readonly object[];
  readonly responses: Record<string, { readonly content?: Record<string, { schema?: unknown; example?: unknown }> }>;
  readonly requestBody?: { readonly content: Record<string, { example?: unknown }> };
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown>; readonly securitySchemes: Record<string, unknown> };
}

/** With every route there is: the webhooks too, which are served where they are configured. */
const world = aWebhookWorld();

async function getDocument({ call }: Pick<ApiWorld, 'call'> = world): Promise<Document> {
  return (await call('GET', '/v1/openapi.json', { headers: { authorization: '' } })).json as Document;
}

describe('the OpenAPI document', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    const result = await new Validator().validate(structuredClone(await getDocument()) as never);

    expect(result).toStrictEqual({ valid: true });
  });

  test('holds every route that is served', async () => {
    const served = world.app.routes
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

  test('names only schemes of security that it describes, and webhooks only where they are served', async () => {
    const { paths, components } = await getDocument();
    const named = Object.values(paths).flatMap((operations) =>
      Object.values(operations).flatMap(({ security = [] }) => security.flatMap((scheme) => Object.keys(scheme))),
    );

    expect([...new Set(named)].sort()).toStrictEqual(Object.keys(components.securitySchemes).sort());
    expect(Object.keys((await getDocument(anApi())).paths).filter((path) => path.includes('webhooks'))).toStrictEqual(
      [],
    );
  });

  test('describes every type of event', async () => {
    const { schemas } = (await getDocument()).components;

    expect(eventTypes.filter((type) => schemas[`Event_${type}`] === undefined)).toStrictEqual([]);
  });
});
