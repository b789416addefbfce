import { startReconcileTimer, type ReconcileTimer } from '@abca/app-events';
import { reconcileAll, type ReconcileDeps, type ReconcileOptions, type ReconcileRules } from '@abca/core';

/**
 * How a platform that starts now reconciles. While no platform was up nobody could look after anything: what is taken up at
 * its start is not left over, and no age counts from before it.
 */
export function reconcileOptions(nowMs: number, rules: ReconcileRules | undefined): ReconcileOptions {
  return { aliveSinceMs: nowMs, ...(rules && { rules }) };
}

/** Reconcile again and again, `intervalMs` milliseconds apart, until the platform is torn down. */
export function startReconciler(
  stack: AsyncDisposableStack,
  deps: ReconcileDeps,
  { intervalMs, ...options }: ReconcileOptions & { readonly intervalMs: number },
): ReconcileTimer {
  const { clock, logger } = deps;
  const run = (signal: AbortSignal) => reconcileAll(deps, { ...options, signal });
  const timer = startReconcileTimer({ run, clock, logger, intervalMs });
  // Not waited for: what it has begun ends with the services, and the next platform goes on.
  stack.defer(() => void timer.stop());
  return timer;
}
