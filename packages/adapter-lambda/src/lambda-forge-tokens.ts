import {
  AbcaError,
  errorCodes,
  limits,
  type CallOptions,
  type Clock,
  type ErrorCode,
  type ForgeAccess,
  type ForgeToken,
  type ForgeTokens,
  type TokenRequest,
} from '@abca/core';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { mapLambdaError } from './lambda-errors.ts';

/** Which function is asked, and by whom. */
export interface LambdaForgeTokensOptions {
  /** Name or ARN of the credentials function. */
  readonly functionName: string;
  readonly session: Pick<TokenRequest, 'taskId' | 'sessionId' | 'generation'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** What the function answers. An error is an answer too: as a failure of the function its code would be lost. */
const answerSchema = z.union([
  z.object({ token: z.string().min(1), expiresAtMs: z.number().optional() }),
  z.object({
    error: z.object({
      code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      retryable: z.boolean(),
    }),
  }),
]);

/** A token with less than this left is not used, unless whoever asks says otherwise, in milliseconds. */
const usualRemainingMs = 5 * 60_000;

/**
 * {@link ForgeTokens} of a session, from the platform's credentials function. The session holds a token in memory while it is
 * good, and nothing that outlives it.
 */
export class LambdaForgeTokens implements ForgeTokens {
  readonly #client: LambdaClient;
  readonly #options: LambdaForgeTokensOptions;
  readonly #held = new Map<ForgeAccess, ForgeToken>();

  constructor(client: LambdaClient, options: LambdaForgeTokensOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** The repository is that of the session's task, whatever is asked for: the function looks it up itself. */
  async get(request: Parameters<ForgeTokens['get']>[0], options: CallOptions = {}): Promise<ForgeToken> {
    options.signal?.throwIfAborted();
    const { access, minRemainingMs = usualRemainingMs, refuse } = request;
    const held = this.#held.get(access);
    if (held !== undefined && held.token !== refuse && this.#lasts(held, minRemainingMs)) return held;
    const fresh = await this.#ask({ access, minRemainingMs, ...(refuse !== undefined && { refuse }) }, options);
    this.#held.set(access, fresh);
    return fresh;
  }

  #lasts({ expiresAtMs }: ForgeToken, minRemainingMs: number): boolean {
    return expiresAtMs === undefined || expiresAtMs - this.#options.clock.nowMs() >= minRemainingMs;
  }

  async #ask(
    wanted: Pick<TokenRequest, 'access' | 'minRemainingMs' | 'refuse'>,
    { signal }: CallOptions,
  ): Promise<ForgeToken> {
    const { functionName: FunctionName, session } = this.#options;
    const request: TokenRequest = { ...session, ...wanted };
    const command = new InvokeCommand({ FunctionName, Payload: new TextEncoder().encode(JSON.stringify(request)) });
    try {
      const abortSignal = bounded(signal);
      const { Payload, FunctionError } = await this.#client.send(command, { abortSignal });
      return readAnswer(Payload, FunctionError);
    } catch (error) {
      throw mapLambdaError(error, 'no token for the forge', signal);
    }
  }
}

/** A function that hangs must not hold up an operation of git for longer than a delivery is tried. */
function bounded(signal: AbortSignal | undefined): AbortSignal {
  const late = AbortSignal.timeout(limits.delivery.tryMs);
  return signal === undefined ? late : AbortSignal.any([signal, late]);
}

function readAnswer(payload: Uint8Array | undefined, functionError: string | undefined): ForgeToken {
  const answer = functionError === undefined ? answerSchema.safeParse(parseJson(payload)).data : undefined;
  if (answer !== undefined && 'token' in answer) {
    const { token, expiresAtMs } = answer;
    return { token, ...(expiresAtMs !== undefined && { expiresAtMs }) };
  }
  const error = answer === undefined ? undefined : AbcaError.fromJSON({ name: 'AbcaError', ...answer.error });
  // What the function printed when it broke may hold anything: none of it is repeated.
  throw error ?? new AbcaError('SERVICE_UNAVAILABLE', 'the credentials function failed', { retryable: true });
}

function parseJson(payload: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}
