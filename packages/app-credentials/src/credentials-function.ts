import 'reflect-metadata';
import {
  AbcaError,
  grantToken,
  tokenRequestSchema,
  tokens,
  type AbcaErrorJson,
  type ForgeToken,
  type GrantDeps,
  type Logger,
} from '@abca/core';
import { Container, type ContainerModule } from 'inversify';

/** A token, or why there is none: an error that a function throws loses its code on the way. */
export type CredentialsAnswer = ForgeToken | { readonly error: AbcaErrorJson };

/** What a session invokes. Never rejects. */
export type CredentialsFunction = (event: unknown) => Promise<CredentialsAnswer>;

/**
 * The credentials function: the one place that holds the key of the forge's app, and hands sessions what lives for an hour and
 * reaches one repository.
 *
 * @param modules bind `tokens.taskRepository`, `tokens.forgeTokens`, `tokens.rateLimiter`, `tokens.clock` and `tokens.logger`
 */
export function createCredentialsFunction(modules: readonly ContainerModule[]): CredentialsFunction {
  const container = new Container();
  container.load(...modules);
  const deps: GrantDeps & { readonly logger: Logger } = {
    tasks: container.get(tokens.taskRepository),
    tokens: container.get(tokens.forgeTokens),
    rates: container.get(tokens.rateLimiter),
    clock: container.get(tokens.clock),
    logger: container.get(tokens.logger),
  };
  return (event) => answer(deps, event);
}

async function answer(deps: GrantDeps & { readonly logger: Logger }, event: unknown): Promise<CredentialsAnswer> {
  const parsed = tokenRequestSchema.safeParse(event);
  if (!parsed.success) {
    // Neither values nor messages: the request may hold a token that was refused.
    deps.logger.warn('not a request for a token');
    return { error: new AbcaError('VALIDATION_ERROR', 'not a request for a token of the forge').toJSON() };
  }
  const { taskId, sessionId, access } = parsed.data;
  const logger = deps.logger.with({ taskId, sessionId, access });
  try {
    const { token, expiresAtMs } = await grantToken(deps, parsed.data);
    logger.info('token granted');
    return { token, ...(expiresAtMs !== undefined && { expiresAtMs }) };
  } catch (error) {
    const { code, message, retryable } = AbcaError.wrap(error, 'INTERNAL_ERROR', 'no token for the forge');
    logger.warn('token not granted', { code });
    return { error: new AbcaError(code, message, { retryable }).toJSON() };
  }
}
