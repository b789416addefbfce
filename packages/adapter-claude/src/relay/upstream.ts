import { createHash, createHmac } from 'node:crypto';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';
import type { ModelSettings } from '../model-settings.ts';

/** A request to the model, complete with its credential. */
export interface UpstreamRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the agent's program asked the relay for. */
export interface RelayedRequest {
  /** Path and query, without the relay's own prefix. */
  readonly target: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Knows where a model is, which requests it takes and how they prove who asks. */
export interface Upstream {
  /** `undefined` for what an agent has no business asking. */
  prepare(request: RelayedRequest): Promise<UpstreamRequest | undefined>;
}

/** The upstream of `settings`. The credentials stay in this process. */
export function createUpstream(settings: ModelSettings): Upstream {
  switch (settings.provider) {
    case 'scripted':
      return messagesUpstream(settings.baseUrl, {});
    case 'anthropic':
      return messagesUpstream(settings.baseUrl, { 'x-api-key': settings.apiKey });
    case 'bedrock':
      return bedrockUpstream(settings);
    default:
      return settings satisfies never;
  }
}

const messagePaths = new Set(['/v1/messages', '/v1/messages/count_tokens']);

function messagesUpstream(baseUrl: string, credential: Record<string, string>): Upstream {
  return {
    prepare: async ({ target, method, headers, body }) => {
      const url = join(baseUrl, target);
      if (method !== 'POST' || !messagePaths.has(new URL(target, 'http://relay').pathname)) return undefined;
      return { url, method, body, headers: { ...headers, ...credential } };
    },
  };
}

function bedrockUpstream(settings: ModelSettings & { provider: 'bedrock' }): Upstream {
  const { region, credentials, bearerToken } = settings;
  const baseUrl = settings.baseUrl ?? `https://bedrock-runtime.${region}.amazonaws.com`;
  const signer = new SignatureV4({
    region,
    service: 'bedrock',
    credentials: credentials ? withoutAbsent(credentials) : defaultProvider(),
    sha256: NodeSha256,
  });
  return {
    prepare: async ({
      target,
      method,
      body,
      headers: { 'content-type': type = 'application/json', accept = '*/*' },
    }) => {
      if (method !== 'POST' || !/^\/model\/[^/]+\/(?:invoke|invoke-with-response-stream)$/.test(target))
        return undefined;
      const url = join(baseUrl, target);
      if (bearerToken !== undefined) {
        const authorization = `Bearer ${bearerToken}`;
        return { url, method, body, headers: { 'content-type': type, accept, authorization } };
      }
      const signed = await signer.sign({
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port && { port: Number(url.port) }),
        path: url.pathname,
        query: {},
        headers: { host: url.host, 'content-type': type, accept },
        body,
      });
      return { url, method, body, headers: signed.headers };
    },
  };
}

/** SHA-256 and HMAC in the form that the signer asks for. */
class NodeSha256 {
  readonly #secret: ConstructorParameters<typeof NodeSha256>[0];
  #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret;
    this.#hash = start(secret);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = start(this.#secret);
  }
}

type Data = string | ArrayBuffer | ArrayBufferView;

function start(secret: Data | undefined): ReturnType<typeof createHash> | ReturnType<typeof createHmac> {
  return secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
}

function bytes(data: Data): Uint8Array | string {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

function withoutAbsent(credentials: {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}): {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
} {
  const { sessionToken, ...keys } = credentials;
  return sessionToken === undefined ? keys : { ...keys, sessionToken };
}

/** `target` below `baseUrl`, whose own path is kept. */
function join(baseUrl: string, target: string): URL {
  return new URL(`${baseUrl.replace(/\/+$/, '')}${target}`);
}
