import { createRoute, z } from '@hono/zod-openapi';
import { dataOf, pageOf } from '../wire/envelope.ts';
import { addRepoWire, repoWire } from '../wire/repo-wire.ts';
import { exampleRepo } from './examples.ts';
import { errorAnswers, jsonAnswer, jsonBodyOf, pageQuery, secured } from './route-parts.ts';

export const repoParams = z.object({
  owner: z.string().openapi({ param: { name: 'owner', in: 'path' }, example: 'acme' }),
  name: z.string().openapi({ param: { name: 'name', in: 'path' }, example: 'shop' }),
});
const path = '/v1/repos/{owner}/{name}';
const oneRepo = dataOf(repoWire);

export const addRepoRoute = createRoute({
  method: 'post',
  path: '/v1/repos',
  operationId: 'addRepo',
  summary: 'Add a repository, or replace its settings',
  security: secured,
  request: {
    body: jsonBodyOf(addRepoWire, {
      repo: exampleRepo.repo,
      clone_url: exampleRepo.clone_url,
      blueprint: exampleRepo.blueprint,
    }),
  },
  responses: {
    ...errorAnswers('UNKNOWN_COMPUTE_TYPE', 'POLICY_INVALID', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
    201: jsonAnswer(oneRepo, 'Added.', { data: exampleRepo }),
    200: jsonAnswer(oneRepo, 'It was there; its settings are replaced.', { data: exampleRepo }),
  },
});

export const listReposRoute = createRoute({
  method: 'get',
  path: '/v1/repos',
  operationId: 'listRepos',
  summary: 'Repositories that tasks may be submitted for, by name',
  security: secured,
  request: { query: z.strictObject(pageQuery) },
  responses: {
    ...errorAnswers(),
    200: jsonAnswer(pageOf(repoWire), 'A page.', { data: [exampleRepo], pagination: { has_more: false } }),
  },
});

export const getRepoRoute = createRoute({
  method: 'get',
  path,
  operationId: 'getRepo',
  summary: 'One repository',
  security: secured,
  request: { params: repoParams },
  responses: { ...errorAnswers('REPO_NOT_FOUND'), 200: jsonAnswer(oneRepo, 'The repository.', { data: exampleRepo }) },
});

export const removeRepoRoute = createRoute({
  method: 'delete',
  path,
  operationId: 'removeRepo',
  summary: 'Take no more tasks for a repository',
  security: secured,
  request: { params: repoParams },
  responses: {
    ...errorAnswers('REPO_NOT_FOUND'),
    200: jsonAnswer(oneRepo, 'Removed. Tasks that run go on.', { data: { ...exampleRepo, status: 'removed' } }),
  },
});
