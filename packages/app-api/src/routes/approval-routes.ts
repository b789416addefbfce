import { createRoute, z } from '@hono/zod-openapi';
import { approveWire, decisionWire, denyWire, pendingWire } from '../wire/approval-wire.ts';
import { dataOf, pageOf } from '../wire/envelope.ts';
import { nudgeWire, sendNudgeWire } from '../wire/nudge-wire.ts';
import { exampleDecision, exampleEvent, examplePending } from './examples.ts';
import { errorAnswers, jsonAnswer, jsonBodyOf, pageQuery, secured } from './route-parts.ts';
import { taskParams } from './task-routes.ts';

const { request_id } = examplePending;
const bodyErrors = ['RATE_LIMIT_EXCEEDED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const;
const decisionErrors = errorAnswers(
  'REQUEST_NOT_FOUND',
  'REQUEST_ALREADY_DECIDED',
  'TASK_NOT_AWAITING_APPROVAL',
  ...bodyErrors,
);

export const approveRoute = createRoute({
  method: 'post',
  path: '/v1/tasks/{task_id}/approve',
  operationId: 'approveRequest',
  summary: 'Allow the tool call that a task waits with',
  description: 'Counted together with denials, 30 a minute. A request is decided once; the first decision stands.',
  security: secured,
  request: { params: taskParams, body: jsonBodyOf(approveWire, { request_id, scope: 'rule:force_push_any' }) },
  responses: { ...decisionErrors, 202: jsonAnswer(dataOf(decisionWire), 'Approved.', { data: exampleDecision }) },
});

export const denyRoute = createRoute({
  method: 'post',
  path: '/v1/tasks/{task_id}/deny',
  operationId: 'denyRequest',
  summary: 'Refuse the tool call that a task waits with',
  description:
    'The reason is told to the agent: without secrets, cut to 2,000 characters. Counted together with approvals.',
  security: secured,
  request: { params: taskParams, body: jsonBodyOf(denyWire, { request_id, reason: 'push to a new branch instead' }) },
  responses: {
    ...decisionErrors,
    202: jsonAnswer(dataOf(decisionWire), 'Denied.', {
      data: { task_id: exampleDecision.task_id, request_id, status: 'DENIED', decided_at: exampleDecision.decided_at },
    }),
  },
});

export const pendingRoute = createRoute({
  method: 'get',
  path: '/v1/pending',
  operationId: 'listPending',
  summary: 'Your open requests for an approval, oldest first',
  security: secured,
  request: { query: z.strictObject(pageQuery) },
  responses: {
    ...errorAnswers(),
    200: jsonAnswer(pageOf(pendingWire), 'A page.', { data: [examplePending], pagination: { has_more: false } }),
  },
});

export const nudgeRoute = createRoute({
  method: 'post',
  path: '/v1/tasks/{task_id}/nudges',
  operationId: 'nudgeTask',
  summary: 'Say something to the agent of a task while it works',
  description: 'It reads it between two turns, without the secrets in it. At most 10 a minute for each task.',
  security: secured,
  request: { params: taskParams, body: jsonBodyOf(sendNudgeWire, { text: 'The tests are in packages/shop.' }) },
  responses: {
    ...errorAnswers('TASK_NOT_FOUND', 'TASK_ALREADY_TERMINAL', 'TASK_FINALIZING', ...bodyErrors),
    202: jsonAnswer(dataOf(nudgeWire), 'Taken.', { data: { nudge_id: exampleEvent.event_id } }),
  },
});
