import { createAgentCoreClient } from '@abca/adapter-agentcore';
import { agentCoreComputeModule } from '@abca/adapter-agentcore/module';
import { createEcsClient, type EcsSettingsInput } from '@abca/adapter-ecs';
import { ecsComputeModule } from '@abca/adapter-ecs/module';
import type { ContainerModule } from 'inversify';

/** A backend that a platform has besides its own: where its service is, and what sessions are there. */
export type CloudSpec =
  | { readonly type: 'ecs'; readonly endpoint: string; readonly settings: EcsSettingsInput }
  | { readonly type: 'agentcore'; readonly endpoint: string; readonly runtimeArn: string };

/** Signed with, and checked by nobody: the services are on loopback. */
const account = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

/** A hundredth of the waits that the adapters have by themselves. */
const quick = { startRetry: { tries: 5, firstDelayMs: 10 }, stopWait: { withinMs: 1_000, everyMs: 50 } };

/** The one line that adds the backend to a platform. */
export function cloudModule(spec: CloudSpec): ContainerModule {
  const { endpoint } = spec;
  if (spec.type === 'ecs') {
    const client = () => createEcsClient({ ...account, endpoint });
    return ecsComputeModule({ settings: spec.settings, client, ...quick });
  }
  return agentCoreComputeModule({
    client: () => createAgentCoreClient({ ...account, endpoint }),
    defaultRuntimeArn: spec.runtimeArn,
    retry: { attempts: 4, firstDelayMs: 10, attemptMs: 30_000 },
  });
}
