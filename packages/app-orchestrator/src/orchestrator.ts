import 'reflect-metadata';
import {
  forgesOf,
  limits,
  platformDefaults,
  tokens,
  type ComputeStrategies,
  type ComputeStrategy,
  type Forge,
  type PlatformSessionEnvironment,
  type TaskId,
} from '@abca/core';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import {
  DurableExecutionApiClient,
  withDurableExecution,
  type DurableLambdaHandler,
} from '@aws/durable-execution-sdk-js';
import { Container, type ContainerModule } from 'inversify';
import { runTask, type WorkflowDeps } from './workflow.ts';

/** What differs between installations. */
export interface OrchestratorConfig {
  /** Compute type of repositories whose blueprint names none. */
  readonly computeType: string;
  /** What every session of this installation is told besides its ids. */
  readonly sessionEnvironment: PlatformSessionEnvironment;
  /** @default limits.heartbeatLostMs */
  readonly heartbeatLostMs?: number;
  /** @default limits.sessionMs */
  readonly sessionMs?: number;
  /** @default limits.queueRecheckMs */
  readonly queueRecheckMs?: number;
}

/**
 * The orchestrator function: the composition root of the workflow.
 *
 * @param modules bind the ports of the workflow, `tokens.lambdaClient` and one `tokens.computeStrategy` per backend
 */
export function createOrchestrator(
  modules: readonly ContainerModule[],
  config: OrchestratorConfig,
): DurableLambdaHandler {
  const container = new Container();
  container.load(...modules);
  const deps = resolveWorkflowDeps(container, config);
  const client = container.get<LambdaClient>(tokens.lambdaClient);
  return withDurableExecution(
    async (input: { readonly taskId: TaskId }, ctx) => {
      const logger = deps.logger.with({ taskId: input.taskId });
      return { status: await runTask(ctx, { ...deps, logger }, input.taskId) };
    },
    { durableExecutionClient: new DurableExecutionApiClient(client) },
  );
}

/** The strategies that the modules bound, by their type. */
export function strategiesOf(container: Container): ComputeStrategies {
  const strategies = container.isBound(tokens.computeStrategy)
    ? container.getAll<ComputeStrategy>(tokens.computeStrategy)
    : [];
  return new Map(strategies.map((strategy) => [strategy.type, strategy]));
}

function resolveWorkflowDeps(container: Container, config: OrchestratorConfig): WorkflowDeps {
  return {
    tasks: container.get(tokens.taskRepository),
    repos: container.get(tokens.repoConfigRepository),
    slots: container.get(tokens.slotRepository),
    events: container.get(tokens.eventLog),
    contexts: container.get(tokens.contextStore),
    signals: container.get(tokens.sessionSignals),
    forges: forgesOf(container.getAll<Forge>(tokens.forge)),
    clock: container.get(tokens.clock),
    logger: container.get(tokens.logger),
    strategies: strategiesOf(container),
    defaults: platformDefaults(config.computeType),
    environment: config.sessionEnvironment,
    heartbeatLostMs: config.heartbeatLostMs ?? limits.heartbeatLostMs,
    sessionMs: config.sessionMs ?? limits.sessionMs,
    queueRecheckMs: config.queueRecheckMs ?? limits.queueRecheckMs,
  };
}
