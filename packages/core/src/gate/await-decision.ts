import type { Approval } from '../approval/approval.ts';
import { milestoneEvent } from '../events/milestones.ts';
import { limits } from '../limits.ts';
import { parseIso } from '../time/iso-time.ts';
import type { ToolGateDeps } from './gate-deps.ts';
import { askStore } from './gate-store.ts';

/** How the wait for a person ended. */
export type Waited =
  /** The request is not open any more. */
  | { readonly kind: 'closed'; readonly approval: Approval }
  /** Its time is over, and it was open when it was last read. */
  | { readonly kind: 'deadline' }
  /** It is not there. */
  | { readonly kind: 'gone' }
  /** It could not be read for too long. */
  | { readonly kind: 'unreadable' }
  /** The session is ending. */
  | { readonly kind: 'stopped' };

/**
 * Wait until a request is decided, its time is over, or the session is ending. Reads often at first, then less; a feed
 * wakes it in between. A read that fails is tried again at the next turn.
 */
export async function awaitDecision(deps: ToolGateDeps, approval: Approval): Promise<Waited> {
  const startMs = deps.clock.nowMs();
  const endMs = parseIso(approval.expiresAt);
  for (let failures = 0; ;) {
    if (deps.stop.signal.aborted) return { kind: 'stopped' };
    const read = await readOnce(deps, approval);
    if (read === 'failed') {
      failures += 1;
      if (failures === limits.approvalPollFailures.told) await tellDegraded(deps, approval, failures);
      if (failures >= limits.approvalPollFailures.over) return { kind: 'unreadable' };
    } else {
      failures = 0;
      if (read === undefined) return { kind: 'gone' };
      if (read.status !== 'PENDING') return { kind: 'closed', approval: read };
    }
    const nowMs = deps.clock.nowMs();
    if (nowMs >= endMs) return { kind: 'deadline' };
    await pause(deps, approval, Math.min(cadenceMs(nowMs - startMs), endMs - nowMs));
  }
}

function cadenceMs(waitedMs: number): number {
  const { firstMs, firstForMs, thenMs } = limits.approvalPoll;
  return waitedMs < firstForMs ? firstMs : thenMs;
}

async function readOnce(deps: ToolGateDeps, { taskId, requestId }: Approval): Promise<Approval | undefined | 'failed'> {
  try {
    return await askStore(deps, 'reading the decision', (signal) =>
      deps.approvals.find({ taskId, requestId }, { signal }),
    );
  } catch (error) {
    deps.logger.warn('decision could not be read', { requestId, error });
    return 'failed';
  }
}

async function tellDegraded({ publish }: ToolGateDeps, { requestId }: Approval, failures: number): Promise<void> {
  await publish(milestoneEvent('approval_poll_degraded', { request_id: requestId, consecutive_failures: failures }));
}

/** Until `ms` have passed, the feed has news, or the session is ending. */
async function pause(deps: ToolGateDeps, approval: Approval, ms: number): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, deps.stop.signal]);
  const waits = [deps.clock.sleep(ms, { signal }), news(deps, approval, signal)];
  // Whoever loses is aborted and may reject when nobody looks any more.
  for (const wait of waits) wait.catch(() => undefined);
  try {
    await Promise.race(waits);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    over.abort(new Error('the pause is over'));
  }
}

/** A feed that fails is as good as none: the request is read at the next turn all the same. */
async function news({ feed }: ToolGateDeps, { taskId, requestId }: Approval, signal: AbortSignal): Promise<void> {
  try {
    if (feed !== undefined) return await feed.changed({ taskId, requestId }, { signal });
  } catch {
    // As below.
  }
  return new Promise<never>(() => undefined);
}
