import 'reflect-metadata';
import { serveDecisionFeed, type DecisionFeedServer } from '@abca/adapter-feed';
import { createCredentialsFunction } from '@abca/app-credentials';
import { createOrchestrator } from '@abca/app-orchestrator';
import { AbcaError, tokens, type Clock } from '@abca/core';
import { Container } from 'inversify';
import { localRegion } from './aws-clients.ts';
import { channelModules, linkKeyOf, type LinkMaker } from './channels.ts';
import { openDataFolder, type DataFolder } from './data-folder.ts';
import { Drain } from './drain.ts';
import { openModel, type ModelSource } from './model-source.ts';
import type { PlatformConfig } from './platform-config.ts';
import { platformModules } from './platform-modules.ts';
import type { Platform, PlatformOptions } from './platform.ts';
import { reconcileOptions, startReconciler } from './reconcile.ts';
import { resumeSubmitted } from './resume-tasks.ts';
import { servePlatform } from './serve-platform.ts';
import { credentialsFunction, onWantedPort, startServices, tablePrefix, type Services } from './services.ts';
import { stopSessions } from './stop-sessions.ts';
import { tellPeople } from './tell-people.ts';

/** Longest wait for the workflows of stopped sessions to end, milliseconds. */
const drainMs = 10_000;

/**
 * Start the whole platform on this machine: database, workflow engine, model, HTTP API, on loopback, in one folder. What an
 * earlier platform on the folder left unfinished is taken up, however it ended.
 *
 * @throws AbcaError PORT_IN_USE, DATA_FOLDER_LOCKED, DATA_FOLDER_CORRUPT, UNSUPPORTED_PLATFORM, CONFIG_INVALID
 */
export async function startPlatform(config: PlatformConfig, options: PlatformOptions): Promise<Platform> {
  const stack = new AsyncDisposableStack();
  try {
    return await compose(stack, config, options);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function compose(
  stack: AsyncDisposableStack,
  config: PlatformConfig,
  options: PlatformOptions,
): Promise<Platform> {
  const { folder, model, services, feed } = await openParts(stack, config, options);
  const drain = new Drain();
  const address: { url?: string } = {};
  const links = linkMaker(config, folder, address);
  const modules = [
    ...platformModules(config, { folder, model, services, drain }, options),
    ...(await channelModules(stack, config, links)),
    ...(options.modules ?? []),
  ];
  const container = new Container();
  container.load(...modules);
  const isOnForge = container.isBound(tokens.forgeTokens);
  services.install({
    orchestrator: createOrchestrator(modules, orchestratorConfig(config, services, { model, feed, isOnForge })),
    credentials: isOnForge ? createCredentialsFunction(modules) : noCredentials,
  });
  const reconcile = reconcileOptions(container.get<Clock>(tokens.clock).nowMs(), options.reconcileRules);
  const serve = (wantedPort: number) =>
    servePlatform(stack, container, {
      config,
      token: folder.token,
      modelLabel: model.label,
      wantedPort,
      clients: services.clients,
      eventsTable: services.tables.events,
      onDecision: feed.notify,
      links,
      reconcile,
    });
  const { server, deps } =
    config.port === 0 ? await onWantedPort(folder.previous?.ports.api, serve) : await serve(config.port);
  address.url = server.url;
  remember(folder, server, { ...services.ports, feed: feed.port }, model.port);
  await resumeSubmitted(deps);
  const consumers = tellPeople(container, modules, services);
  stack.defer(() => consumers.stop());
  const reconciler = startReconciler(stack, deps, { ...reconcile, intervalMs: config.reconcileMs });
  return {
    url: server.url,
    token: folder.token,
    dataDir: folder.dir,
    modelLabel: model.label,
    failed: services.databaseExited.then(({ code }) => databaseGone(code)),
    stop: stopper(stack, async () => {
      drain.begin();
      await reconciler.stop();
      await server.close();
      await stopSessions(deps, drainMs);
      // Last: how the sessions ended is told too.
      await consumers.stop();
    }),
  };
}

/** What a platform stands on, each owned by `stack`. */
interface Parts {
  readonly folder: DataFolder;
  readonly model: ModelSource;
  readonly services: Services;
  readonly feed: DecisionFeedServer;
}

async function openParts(
  stack: AsyncDisposableStack,
  config: PlatformConfig,
  options: PlatformOptions,
): Promise<Parts> {
  const folder = await openDataFolder(config.dataDir, config.token);
  stack.defer(() => folder.release());
  const previous = folder.previous?.ports;
  const model = await openModel(options.env, {
    ...(config.modelScript !== undefined && { scriptFile: config.modelScript }),
    ...(previous?.model !== undefined && { port: previous.model }),
  });
  stack.defer(() => model.stop());
  const services = await startServices(stack, folder, options);
  const feed = await onWantedPort(previous?.feed, (port) => serveDecisionFeed({ port, key: folder.accessKeyId }));
  stack.defer(() => feed.close());
  return { folder, model, services, feed };
}

/** Without a forge that asks for them there are none, and no session is told of the function. */
function noCredentials(): never {
  throw new AbcaError('FORGE_ACCESS_DENIED', 'the platform has no access to a forge; set githubToken or githubAppId');
}

/** @param address filled in once the platform listens */
function linkMaker(config: PlatformConfig, folder: DataFolder, address: { readonly url?: string }): LinkMaker {
  return {
    key: linkKeyOf(folder.token),
    baseUrl: () => {
      const url = config.publicUrl ?? address.url;
      if (url !== undefined) return url;
      throw new AbcaError('SERVICE_UNAVAILABLE', 'the platform does not listen yet', { retryable: true });
    },
  };
}

function orchestratorConfig(
  config: PlatformConfig,
  services: Services,
  {
    model,
    feed,
    isOnForge,
  }: { readonly model: ModelSource; readonly feed: DecisionFeedServer; readonly isOnForge: boolean },
): Parameters<typeof createOrchestrator>[1] {
  return {
    computeType: 'local',
    heartbeatLostMs: config.leaseMs,
    sessionMs: config.sessionMs,
    sessionEnvironment: {
      // A model on Bedrock is in a region of its own; to the local services any will do.
      AWS_REGION: model.environment['AWS_REGION'] ?? localRegion,
      ABCA_TABLE_PREFIX: tablePrefix,
      ABCA_DYNAMODB_ENDPOINT: services.dynamoDbUrl,
      ABCA_LAMBDA_ENDPOINT: services.lambdaUrl,
      ABCA_FEED_URL: feed.url,
      ...(isOnForge && { ABCA_CREDENTIALS_FUNCTION: credentialsFunction }),
      ...(config.githubUrl !== undefined && { ABCA_GITHUB_URL: config.githubUrl }),
      ABCA_HEARTBEAT_MS: String(config.heartbeatMs),
      ABCA_LEASE_MS: String(config.leaseMs),
    },
  };
}

function remember(
  folder: DataFolder,
  server: { readonly url: string; readonly port: number },
  ports: Services['ports'] & { readonly feed: number },
  modelPort: number | undefined,
): void {
  folder.writeState({
    pid: process.pid,
    url: server.url,
    ports: { api: server.port, ...ports, ...(modelPort !== undefined && { model: modelPort }) },
  });
}

function databaseGone(code: number | null): AbcaError {
  return new AbcaError(
    'CHILD_PROCESS_FAILED',
    `the embedded database ended by itself with code ${String(code)}; start the platform again, nothing that was stored is lost`,
  );
}

/** @param drain what a graceful stop does before everything is torn down */
function stopper(stack: AsyncDisposableStack, drain: () => Promise<void>): Platform['stop'] {
  let drained: Promise<void> | undefined;
  let tornDown: Promise<void> | undefined;
  const tearDown = (): Promise<void> => (tornDown ??= stack.disposeAsync());
  return async (mode) => {
    try {
      if (mode === 'graceful' && tornDown === undefined) await (drained ??= drain());
    } finally {
      await tearDown();
    }
  };
}
