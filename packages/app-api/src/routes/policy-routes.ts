import { createRoute } from '@hono/zod-openapi';
import { dataOf } from '../wire/envelope.ts';
import { policiesWire } from '../wire/policies-wire.ts';
import { securityWire } from '../wire/security-wire.ts';
import { examplePolicies, exampleSecurity } from './examples.ts';
import { repoParams } from './repo-routes.ts';
import { errorAnswers, jsonAnswer, jsonBodyOf, secured } from './route-parts.ts';

const path = '/v1/repos/{owner}/{name}/policies';
const policies = dataOf(policiesWire);

export const getPoliciesRoute = createRoute({
  method: 'get',
  path,
  operationId: 'getPolicies',
  summary: 'The rules that apply to the tool calls of a repository’s tasks',
  description:
    'May be kept for five minutes. When the stored policies do not load, no task of the repository can start: the answer is 503 with `details.problems`.',
  security: secured,
  request: { params: repoParams },
  responses: {
    ...errorAnswers('REPO_NOT_FOUND'),
    200: jsonAnswer(policies, 'The policies.', { data: examplePolicies }),
  },
});

export const setPoliciesRoute = createRoute({
  method: 'put',
  path,
  operationId: 'setPolicies',
  summary: 'Replace what a repository says of security',
  description:
    'All of it: what is left out is the platform’s default again. Loaded before it is stored; `details.problems` of a 422 lists every fault, and nothing is changed then. Tasks that run keep the policies they started with.',
  security: secured,
  request: { params: repoParams, body: jsonBodyOf(securityWire, exampleSecurity) },
  responses: {
    ...errorAnswers('REPO_NOT_FOUND', 'POLICY_INVALID', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
    200: jsonAnswer(policies, 'Stored: the policies as they apply from now on.', { data: examplePolicies }),
  },
});
