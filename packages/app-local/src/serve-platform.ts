import {
  createApi,
  localTokenAuth,
  loopbackOnly,
  serveApi,
  SignalEventFeed,
  type ApiDeps,
  type RunningServer,
} from '@abca/app-api';
import { strategiesOf } from '@abca/app-orchestrator';
import {
  tokens,
  type Clock,
  type Logger,
  type Notifier,
  type ReconcileOptions,
  type TaskId,
  type UserId,
} from '@abca/core';
import type { Container } from 'inversify';
import type { LocalClients } from './aws-clients.ts';
import type { LinkMaker } from './channels.ts';
import { startEventPump } from './event-pump.ts';
import { signedRoutes } from './signed-routes.ts';
import { tellingApprovals } from './telling-approvals.ts';
import { isLoopback, type PlatformConfig } from './platform-config.ts';

/** Everybody who knows the token of a local platform is this person. */
const localUser = 'local' as UserId;
/** Told by health and the API's document. */
const version = '0.1.0';
/** Longest wait for a hint of the event stream before the log itself is read, in milliseconds. */
const feedNetMs = 1_000;

/** Serve the HTTP API over the ports in `container`, fed by the table's stream. */
export async function servePlatform(
  stack: AsyncDisposableStack,
  container: Container,
  parts: {
    readonly config: PlatformConfig;
    readonly token: string;
    readonly modelLabel: string;
    readonly wantedPort: number;
    readonly clients: LocalClients;
    readonly eventsTable: string;
    /** Told at once of every task whose request was decided. */
    readonly onDecision: (taskId: TaskId) => void;
    readonly links: LinkMaker;
    readonly reconcile: ReconcileOptions;
  },
): Promise<{ readonly server: RunningServer; readonly deps: ApiDeps }> {
  const { config, clients } = parts;
  const clock = container.get<Clock>(tokens.clock);
  const logger = container.get<Logger>(tokens.logger);
  const feed = new SignalEventFeed({
    clock,
    netMs: feedNetMs,
    onWait: () => {
      pump.wake();
    },
  });
  const pump = startEventPump({
    client: clients.streams,
    tableName: parts.eventsTable,
    onGrowth: (taskId, seq) => {
      feed.notify(taskId, seq);
    },
    isWanted: () => feed.hasWaiters,
    logger,
  });
  stack.defer(() => pump.stop());
  const ports = portsOf(container);
  const decided = { ...ports, approvals: tellingApprovals(ports.approvals, parts.onDecision), clock, logger };
  const deps: ApiDeps = {
    ...decided,
    signed: await signedRoutes(container, decided, { config, links: parts.links, user: localUser }),
    notifications: notificationsOf(container),
    feed,
    authenticate: localTokenAuth(parts.token, localUser),
    isOperator: (userId) => userId === localUser,
    reconcile: parts.reconcile,
    version,
    modelLabel: parts.modelLabel,
    // Beyond loopback any name may be the right one, and the token that the configuration asks for is the guard.
    ...(isLoopback(config.host) && { guard: loopbackOnly() }),
  };
  const server = await serveApi(createApi(deps), { host: config.host, port: parts.wantedPort });
  stack.defer(() => server.close());
  return { server, deps };
}

function notificationsOf(container: Container): NonNullable<ApiDeps['notifications']> {
  const notifiers = container.isBound(tokens.notifier) ? container.getAll<Notifier>(tokens.notifier) : [];
  return {
    settings: container.get(tokens.notificationSettings),
    links: container.get(tokens.identityLinks),
    channels: notifiers.map(({ channel }) => channel),
  };
}

function portsOf(container: Container): Omit<ApiDeps, 'feed' | 'clock' | 'logger' | 'authenticate' | 'version'> {
  return {
    tasks: container.get(tokens.taskRepository),
    repos: container.get(tokens.repoConfigRepository),
    executions: container.get(tokens.taskExecutions),
    ids: container.get(tokens.idGenerator),
    slots: container.get(tokens.slotRepository),
    signals: container.get(tokens.sessionSignals),
    events: container.get(tokens.eventLog),
    approvals: container.get(tokens.approvalRepository),
    rates: container.get(tokens.rateLimiter),
    policies: container.get(tokens.policyLoader),
    strategies: strategiesOf(container),
  };
}
