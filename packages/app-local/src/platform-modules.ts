import { cedarModule } from '@abca/adapter-cedar/module';
import { dynamoDbModule } from '@abca/adapter-dynamodb/module';
import { gitModule } from '@abca/adapter-git/module';
import { lambdaModule } from '@abca/adapter-lambda/module';
import { localComputeModule } from '@abca/adapter-local/module';
import { systemModule } from '@abca/adapter-system/module';
import type { ContainerModule } from 'inversify';
import { join } from 'node:path';
import { agentCommand } from './agent-command.ts';
import { clientsModule } from './aws-clients.ts';
import type { DataFolder } from './data-folder.ts';
import type { Drain } from './drain.ts';
import type { ModelSource } from './model-source.ts';
import type { PlatformConfig } from './platform-config.ts';
import type { PlatformOptions } from './platform.ts';
import { orchestratorFunction, type Services } from './services.ts';

/** Where programs are looked for when the caller's environment names no PATH. */
const fallbackPath = '/usr/local/bin:/usr/bin:/bin';

/** The adapters of a local platform. Another backend is one more line here. */
export function platformModules(
  config: PlatformConfig,
  parts: {
    readonly folder: DataFolder;
    readonly model: ModelSource;
    readonly services: Services;
    readonly drain: Drain;
  },
  options: PlatformOptions,
): readonly ContainerModule[] {
  const { folder, model, services, drain } = parts;
  const pathEnv = options.env['PATH'] ?? fallbackPath;
  return [
    clientsModule(services.clients),
    systemModule({ logger: options.logger }),
    dynamoDbModule({ tables: services.tables }),
    cedarModule(),
    lambdaModule({ orchestratorFunction }),
    gitModule({ homeDir: join(folder.dir, 'git'), pathEnv }),
    localComputeModule({
      sessionsDir: folder.sessionsDir,
      command: options.agentCommand ?? agentCommand(),
      pathEnv,
      stopGraceMs: config.stopGraceMs,
      ownerPipe: config.ownSessions,
      extraEnv: { ...model.environment, ABCA_ACCESS_KEY_ID: folder.accessKeyId },
    }),
    drain.module(),
  ];
}
