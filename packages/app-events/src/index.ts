/** The public surface of `@abca/app-events`. What Lambda runs is in `lambda-reconcile.ts`. */
export { createReconciler, resolveReconcileDeps, type Reconciler } from './reconciler.ts';
export { startReconcileTimer, type ReconcileTimer, type ReconcileTimerOptions } from './reconcile-timer.ts';
