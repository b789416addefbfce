import type { Api } from '../http/api-app.ts';

/** The OpenAPI 3.1 document of the routes that have been added, made from the schemas that check the requests. */
export function openApiDocument(app: Api, version: string): ReturnType<Api['getOpenAPI31Document']> {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'ABCA',
      version,
      description:
        'Autonomous background coding agents: submit a task for a repository, watch it, get a verified branch.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

/** Serve the document. Made once: routes do not change while the server runs. */
export function addDocumentRoute(app: Api, version: string): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  let document: ReturnType<typeof openApiDocument> | undefined;
  app.get('/v1/openapi.json', (c) => c.json((document ??= openApiDocument(app, version))));
}
