import { createRoute, z } from '@hono/zod-openapi';
import type { ApiDeps } from '../api-deps.ts';
import type { Api } from '../http/api-app.ts';
import { dataOf } from '../wire/envelope.ts';
import { jsonAnswer } from './route-parts.ts';

/** What the server says of itself. */
export const healthWire = z
  .object({
    status: z.literal('ok'),
    version: z.string(),
    /** Which model tasks run with. */
    model: z.string().optional(),
  })
  .openapi('Health');
export type HealthView = z.infer<typeof healthWire>;

const healthRoute = createRoute({
  method: 'get',
  path: '/v1/health',
  operationId: 'getHealth',
  summary: 'Whether the server answers',
  security: [],
  responses: {
    200: jsonAnswer(dataOf(healthWire), 'It does.', { data: { status: 'ok', version: '0.1.0', model: 'scripted' } }),
  },
});

/** Liveness, without a token: it shows nothing of anybody. */
export function addHealthRoute(app: Api, { version, modelLabel }: ApiDeps): void {
  app.openapi(healthRoute, (c) =>
    c.json({ data: { status: 'ok' as const, version, ...(modelLabel !== undefined && { model: modelLabel }) } }, 200),
  );
}
