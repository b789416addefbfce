/** The public surface of `@abca/app-events`. What Lambda runs is in the files `lambda-*.ts`. */
export { resolveDeliverDeps } from './fan-out/deliver-deps.ts';
export { createFanOut } from './fan-out/fan-out.ts';
export { createMetricsConsumer, type MetricsConsumerOptions } from './metrics/metrics-consumer.ts';
export { type InvocationContext } from './invocation-context.ts';
export { createReconciler, resolveReconcileDeps, type Reconciler } from './reconciler.ts';
export { startReconcileTimer, type ReconcileTimer, type ReconcileTimerOptions } from './reconcile-timer.ts';
export { type StreamConsumer, type StreamResponse } from './stream/stream-consumer.ts';
