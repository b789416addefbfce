import 'reflect-metadata';
import {
  AbcaError,
  deliverDue,
  reconcileAll,
  tokens,
  type ComputeStrategy,
  type ReconcileDeps,
  type ReconcileOptions,
  type ReconcileReport,
} from '@abca/core';
import { Container, type ContainerModule } from 'inversify';
import { resolveDeliverDeps } from './fan-out/deliver-deps.ts';
import type { InvocationContext } from './invocation-context.ts';

/** Kept back from the time of an invocation for what was begun, milliseconds: a stop may wait for its proof. */
const finishMs = 30_000;

/**
 * A scheduled run of all reconcilers, and of the sweep of the outbox beside them. Runs may overlap. What the sweep did is in the
 * log only: it goes on in the next run.
 *
 * @throws AbcaError RECONCILE_FAILED when nothing could be reconciled: the invocation then counts as failed. What could be done
 *   in part is in the report, and in the log under RECONCILE_INCOMPLETE.
 */
export type Reconciler = (event?: unknown, context?: InvocationContext) => Promise<ReconcileReport>;

/**
 * The reconciler function: the composition root of what runs by the clock.
 *
 * @param modules bind the ports of the reconcilers and of deliveries, one `tokens.computeStrategy` per backend and one
 *   `tokens.notifier` per channel. A backend that is left out makes each of its open sessions an error, for nobody could end them;
 *   a channel that is left out makes each delivery to it one.
 */
export function createReconciler(modules: readonly ContainerModule[], options: ReconcileOptions = {}): Reconciler {
  const container = new Container();
  container.load(...modules);
  const deps = resolveReconcileDeps(container);
  const deliverDeps = resolveDeliverDeps(container);
  return async (_event, context) => {
    const leftMs = context?.getRemainingTimeInMillis();
    const budget = leftMs !== undefined && { budgetMs: Math.max(0, leftMs - finishMs) };
    const signal = options.signal && { signal: options.signal };
    const [report] = await Promise.all([
      reconcileAll(deps, { ...options, ...budget }),
      deliverDue(deliverDeps, { ...budget, ...signal }),
    ]);
    if (report.outcome !== 'failed') return report;
    throw new AbcaError('RECONCILE_FAILED', 'nothing could be reconciled; the log above says which lists failed', {
      retryable: true,
      details: { tasks: report.tasks.errors, sessions: report.sessions.errors, slots: report.slots.errors },
    });
  };
}

/** What the reconcilers work on, as the modules of a container bound it. */
export function resolveReconcileDeps(container: Container): ReconcileDeps {
  const strategies = container.isBound(tokens.computeStrategy)
    ? container.getAll<ComputeStrategy>(tokens.computeStrategy)
    : [];
  return {
    tasks: container.get(tokens.taskRepository),
    approvals: container.get(tokens.approvalRepository),
    slots: container.get(tokens.slotRepository),
    events: container.get(tokens.eventLog),
    signals: container.get(tokens.sessionSignals),
    executions: container.get(tokens.taskExecutions),
    clock: container.get(tokens.clock),
    logger: container.get(tokens.logger),
    strategies: new Map(strategies.map((strategy) => [strategy.type, strategy])),
  };
}
