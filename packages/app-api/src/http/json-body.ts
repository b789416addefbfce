import type { MiddlewareHandler } from 'hono';
import { ApiProblem } from '../errors/api-problem.ts';
import { assertStorableJson } from './json-guard.ts';

const bodyMethods = ['POST', 'PUT', 'PATCH'];

/** Parse the body before the routes do, for an error that says what is wrong, and refuse JSON that could not be stored. */
export function jsonBody(): MiddlewareHandler {
  return async (c, next) => {
    if (bodyMethods.includes(c.req.method) && isJson(c.req.header('Content-Type'))) {
      assertStorableJson(await parse(() => c.req.json()));
    }
    await next();
  };
}

function isJson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/json\s*(;|$)/i.test(contentType);
}

async function parse(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'it could not be read';
    throw new ApiProblem('VALIDATION_ERROR', `the body is not JSON: ${reason}`);
  }
}
