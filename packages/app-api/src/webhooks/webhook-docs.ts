import { createRoute, z } from '@hono/zod-openapi';
import { exampleTask } from '../routes/examples.ts';
import { errorAnswers, jsonAnswer, jsonBodyOf } from '../routes/route-parts.ts';
import { dataOf } from '../wire/envelope.ts';
import { submitWire } from '../wire/submit-wire.ts';
import { taskWire } from '../wire/task-wire.ts';

/** How the two are authenticated, for the document. */
export const signatureSchemes = {
  github: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Hub-Signature-256',
    description: '`sha256=` and the HMAC-SHA-256 of the body.',
  },
  generic: {
    type: 'apiKey',
    in: 'header',
    name: 'X-ABCA-Signature',
    description: '`v1=` and the HMAC-SHA-256 of `v1:<X-ABCA-Timestamp>:<X-ABCA-Delivery>:<body>`, 64 hex digits.',
  },
} as const;

const started = z.object({ task_id: z.string() }).openapi('StartedTask');
const ignored = z.object({ ignored: z.string() }).openapi('IgnoredDelivery');
const startedExample = { data: { task_id: exampleTask.task_id } };

/** For the document only: the body is read by hand, after its signature. */
export const githubWebhookDocs = createRoute({
  method: 'post',
  path: '/github',
  operationId: 'receiveGitHubWebhook',
  summary: 'A delivery of GitHub: a label, a comment or a review that may start a task',
  security: [{ githubSignature: [] }],
  request: {
    headers: z.object({
      'X-GitHub-Event': z.string().openapi({ example: 'issue_comment' }),
      'X-GitHub-Delivery': z.string().optional().openapi({ description: 'For the log.' }),
    }),
    body: jsonBodyOf(z.looseObject({}), { action: 'created', repository: { full_name: 'acme/shop' } }),
  },
  responses: {
    ...errorAnswers('SIGNATURE_INVALID', 'RATE_LIMIT_EXCEEDED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
    201: jsonAnswer(dataOf(started), 'It started a task.', startedExample),
    200: jsonAnswer(dataOf(started), 'It had started this task before.', startedExample),
    202: jsonAnswer(dataOf(ignored), 'It starts nothing.', { data: { ignored: 'no line begins with @abca' } }),
  },
});

/** For the document only: the body is read by hand, after its signature. */
export const genericWebhookDocs = createRoute({
  method: 'post',
  path: '/generic',
  operationId: 'receiveGenericWebhook',
  summary: 'Submit a task with a signature',
  security: [{ genericSignature: [] }],
  request: {
    headers: z.object({
      'X-ABCA-Key': z.string().openapi({ description: 'Which secret it is signed with.', example: 'ci' }),
      'X-ABCA-Timestamp': z.string().openapi({ description: 'Seconds since 1970.', example: '1767225600' }),
      'X-ABCA-Delivery': z
        .string()
        .openapi({ description: 'The same one with the same body is the same task.', example: 'build-7' }),
    }),
    body: jsonBodyOf(submitWire, { repo: exampleTask.repo, task_description: exampleTask.task_description }),
  },
  responses: {
    ...errorAnswers(
      'SIGNATURE_INVALID',
      'DUPLICATE_TASK',
      'REPO_NOT_ONBOARDED',
      'RATE_LIMIT_EXCEEDED',
      'PAYLOAD_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
    ),
    201: jsonAnswer(dataOf(taskWire), 'Created.', { data: exampleTask }),
    200: jsonAnswer(dataOf(taskWire), 'The delivery came before: the task it made.', { data: exampleTask }),
  },
});
