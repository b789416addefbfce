import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';

/** How long a connection and an answer may take, in milliseconds. The SDK itself would wait for ever. */
const defaultTimeouts = { connectionTimeout: 3_000, requestTimeout: 10_000 };

/** A client whose calls end. It repeats what is throttled or unanswered as the SDK does; `config` overrides everything. */
export function createEcsClient(config: ECSClientConfig): ECSClient {
  return new ECSClient(clientConfig(config));
}

/** `config` with time-outs that end a call, where it brings no handler of its own. */
export function clientConfig(config: ECSClientConfig): ECSClientConfig {
  return { requestHandler: { ...defaultTimeouts, throwOnRequestTimeout: true }, ...config };
}
