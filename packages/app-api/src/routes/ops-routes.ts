import { createRoute, z } from '@hono/zod-openapi';
import { dataOf, pageOf } from '../wire/envelope.ts';
import { reconcileWire, sessionEntryWire } from '../wire/ops-wire.ts';
import { stopWire } from '../wire/stop-wire.ts';
import { exampleReconcile, exampleSession } from './examples.ts';
import { errorAnswers, jsonAnswer, pageQuery, secured } from './route-parts.ts';

const stateFilter = z
  .enum(['open', 'all'])
  .default('open')
  .openapi({ description: '`open`: those whose end is not proven. `all`: every one that is still known.' });

export const listSessionsRoute = createRoute({
  method: 'get',
  path: '/v1/ops/sessions',
  operationId: 'listSessions',
  summary: 'Who runs where, for operators',
  description: 'Of all users. A page may be shorter than asked for, or empty, although another follows.',
  security: secured,
  request: { query: z.strictObject({ ...pageQuery, state: stateFilter }) },
  responses: {
    ...errorAnswers(),
    200: jsonAnswer(pageOf(sessionEntryWire), 'A page of the ledger, longest open first.', {
      data: [exampleSession],
      pagination: { has_more: false },
    }),
  },
});

export const stopSessionRoute = createRoute({
  method: 'post',
  path: '/v1/ops/sessions/{session_id}/stop',
  operationId: 'stopSession',
  summary: 'Stop one session, for operators',
  description: 'Repeated, it says again how the end was proven. The task of a session that still works ends with it.',
  security: secured,
  request: {
    params: z.object({
      session_id: z.string().openapi({ param: { name: 'session_id', in: 'path' }, example: exampleSession.session_id }),
    }),
  },
  responses: {
    ...errorAnswers('SESSION_NOT_FOUND'),
    200: jsonAnswer(
      dataOf(z.object({ session: sessionEntryWire, stop: stopWire }).openapi('StoppedSession')),
      'The session as it is now; `stop` says how its end was proven.',
      {
        data: {
          session: exampleSession,
          stop: { outcome: 'requested', description: 'the stop was accepted; its end has not been seen yet' },
        },
      },
    ),
  },
});

export const reconcileRoute = createRoute({
  method: 'post',
  path: '/v1/ops/reconcile',
  operationId: 'reconcile',
  summary: 'Look after stranded tasks, orphaned sessions and slots now, for operators',
  description: 'What also runs by the clock. Safe to repeat, and while another run is at work.',
  security: secured,
  responses: {
    ...errorAnswers('RECONCILE_FAILED'),
    200: jsonAnswer(dataOf(reconcileWire), 'What was done, in counts.', { data: exampleReconcile }),
  },
});
