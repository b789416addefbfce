import { ApiProblem } from '../errors/api-problem.ts';

/** The bytes of a request whose signature was right, as JSON. @throws ApiProblem UNSUPPORTED_MEDIA_TYPE, VALIDATION_ERROR */
export function parseSignedJson(contentType: string | undefined, bytes: Uint8Array): unknown {
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? '')) {
    throw new ApiProblem('UNSUPPORTED_MEDIA_TYPE', 'send the body as JSON: Content-Type: application/json');
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'it is not UTF-8';
    throw new ApiProblem('VALIDATION_ERROR', `the body is not JSON: ${reason}`);
  }
}
