import type { OrphanRules } from '../session/orphan-rules.ts';
import type { StrandedRules } from '../session/stranded-rules.ts';
import type { PassBounds, PassReport } from './reconcile-pass.ts';
import { reconcileSessions, type SessionRescue } from './reconcile-sessions.ts';
import { reconcileSlots } from './reconcile-slots.ts';
import { reconcileTasks, type ReconcileTasksDeps, type TaskRescue } from './reconcile-tasks.ts';

export type ReconcileDeps = ReconcileTasksDeps;

/** When something counts as left over. */
export interface ReconcileRules {
  readonly tasks: StrandedRules;
  readonly sessions: OrphanRules;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** The rules of an installation that runs the reconcilers every minute. */
export const reconcileRules: ReconcileRules = {
  tasks: {
    startAfterMs: 2 * minute,
    stayMs: hour,
    leaseMarginMs: 15 * minute,
    approvalMarginMs: 5 * minute,
    deadlineMarginMs: hour,
    rescues: 5,
    firstRetryMs: 2 * minute,
    longestRetryMs: hour,
  },
  sessions: { graceMs: 30 * second, firstRetryMs: 30 * second, longestRetryMs: hour },
};

const defaultBudgetMs = 4 * minute;

export interface ReconcileOptions {
  /** Default {@link reconcileRules}. */
  readonly rules?: ReconcileRules;
  /**
   * No age counts from before this, milliseconds since the epoch: whatever runs the workflows was away then, and they are
   * still being taken up. Default: none.
   */
  readonly aliveSinceMs?: number;
  /** Nothing new is begun after so many milliseconds. Default 4 minutes. */
  readonly budgetMs?: number;
  /** Nothing new is begun once it is aborted; what was begun is finished. */
  readonly signal?: AbortSignal;
  /** Default 10 pages of 100 of each list, 5 items at a time. */
  readonly bounds?: Partial<Omit<PassBounds, 'untilMs' | 'signal'>>;
}

/** What one run of the reconcilers did. */
export interface ReconcileReport {
  /** `partial`: some items, or some lists, could not be looked after. `failed`: no list could be read. */
  readonly outcome: 'clean' | 'partial' | 'failed';
  readonly tookMs: number;
  readonly tasks: PassReport<TaskRescue>;
  readonly sessions: PassReport<SessionRescue>;
  readonly slots: PassReport<'released'>;
}

/**
 * Clean up what crashes, lost messages and failed stops left over: stranded tasks, orphaned sessions, slots held for nothing.
 * Safe to repeat and to run several times at once. Never rejects; says in one last line of the log what it did.
 */
export async function reconcileAll(deps: ReconcileDeps, options: ReconcileOptions = {}): Promise<ReconcileReport> {
  const { rules = reconcileRules, aliveSinceMs = 0, budgetMs = defaultBudgetMs, signal } = options;
  const startMs = deps.clock.nowMs();
  const sizes = { pageSize: 100, pages: 10, atOnce: 5, ...options.bounds };
  const bounds = { ...sizes, untilMs: startMs + budgetMs, ...(signal && { signal }) };
  // Tasks first: what they leave behind is found by the passes after them.
  const passes = {
    tasks: await reconcileTasks(deps, { rules: rules.tasks, aliveSinceMs }, bounds),
    sessions: await reconcileSessions(deps, rules.sessions, bounds),
    slots: await reconcileSlots(deps, bounds),
  };
  const outcome = outcomeOf(Object.values(passes));
  const report = { outcome, tookMs: deps.clock.nowMs() - startMs, ...passes };
  logReport(deps, report);
  return report;
}

/** How a run went, from its passes. */
export function outcomeOf(
  passes: readonly Pick<PassReport, 'errors' | 'unread' | 'lists'>[],
): ReconcileReport['outcome'] {
  if (passes.every(({ unread, lists }) => unread === lists)) return 'failed';
  return passes.every(({ errors }) => Object.keys(errors).length === 0) ? 'clean' : 'partial';
}

/** The two failures have ids of their own: an alarm on one is not the alarm on the other. */
function logReport({ logger }: ReconcileDeps, { outcome, ...counts }: ReconcileReport): void {
  switch (outcome) {
    case 'clean':
      logger.info('reconciled', { outcome, ...counts });
      return;
    case 'partial':
      logger.error('reconciled in part', { outcome, errorId: 'RECONCILE_INCOMPLETE', ...counts });
      return;
    case 'failed':
      logger.error('nothing reconciled', { outcome, errorId: 'RECONCILE_FAILED', ...counts });
      return;
    default:
      outcome satisfies never;
  }
}
