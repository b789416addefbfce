import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import type { Channel } from '../notify/audience.ts';
import type { ChannelPauses } from '../notify/channel-pauses.ts';
import { decideSettlement } from '../notify/decide-settlement.ts';
import type { ChannelMemory, DeliveryKey, DeliveryOutcome } from '../notify/notification.ts';
import { isSubscribed } from '../notify/subscription.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { ClaimResult, DeliveryClaim, Outbox, Settlement } from '../ports/outbox.ts';
import { preview } from '../redaction/preview.ts';
import { within } from '../time/within.ts';
import type { DeliverySubject } from './delivery-subjects.ts';

const { claimMs, tryMs } = limits.delivery;

/** What a delivery is made with. */
export interface DeliverOneDeps {
  readonly outbox: Pick<Outbox, 'claim' | 'settle'>;
  /** The channels that this installation has. */
  readonly notifiers: ReadonlyMap<Channel, Notifier>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A number from 0 to 1, another one each time. */
  readonly random: () => number;
  /** One per process. */
  readonly pauses: ChannelPauses;
}

/** One delivery to be made. */
export interface Delivery {
  readonly key: DeliveryKey;
  /** What it is about, as it is now; a sentence when there is nothing to say any more. */
  subject(): Promise<DeliverySubject | string>;
}

/** How a delivery ended for now: by a settlement, or because it was not this caller's. */
export type DeliveryEnd = Settlement['kind'] | Exclude<ClaimResult['kind'], 'claimed'> | 'lost';

/**
 * Claim a delivery, try it, and write down how that ended. Whatever goes wrong after the claim is the end of a try: the outbox
 * keeps the delivery and {@link deliverDue} makes it later.
 *
 * @throws what the outbox throws; a claim that could not be settled runs out by itself
 */
export async function deliverOne(deps: DeliverOneDeps, delivery: Delivery): Promise<DeliveryEnd> {
  const { key } = delivery;
  const nowMs = deps.clock.nowMs();
  const claimed = await deps.outbox.claim(key, { nowMs, claimMs });
  if (claimed.kind !== 'claimed') return claimed.kind;
  const outcome = await tryOnce(deps, delivery, { ...claimed, lastMs: nowMs + claimMs - tryMs });
  return settle(deps, claimed.claim, outcome);
}

/** `lastMs`: a try that began later could last longer than its claim, and meet that of somebody else. */
type Claimed = ClaimResult & { readonly kind: 'claimed'; readonly lastMs: number };

async function tryOnce(deps: DeliverOneDeps, delivery: Delivery, claimed: Claimed): Promise<DeliveryOutcome> {
  const { channel } = delivery.key;
  const subject = await find(delivery);
  if (typeof subject === 'string') return { kind: 'skipped', why: subject };
  if (!('event' in subject)) return subject;
  if (!isSubscribed(channel, subject.settings, subject.forge)) {
    return { kind: 'skipped', why: `the owner of the task is not told on ${channel}` };
  }
  const notifier = deps.notifiers.get(channel);
  if (notifier === undefined) return notConfigured(channel);
  const nowMs = deps.clock.nowMs();
  const pausedMs = deps.pauses.leftMs(channel, nowMs);
  if (pausedMs !== undefined) return notTried(`${channel} did not answer a moment ago`, pausedMs);
  if (nowMs > claimed.lastMs) return notTried('it took too long to find out what to say', 0);
  return say(deps, notifier, { subject, claimed });
}

/** A store that does not answer here is not the channel's fault, and the delivery is safe in the outbox. */
async function find(delivery: Delivery): Promise<DeliverySubject | string | DeliveryOutcome> {
  try {
    return await delivery.subject();
  } catch (error) {
    const { code, message } = AbcaError.wrap(error, 'INTERNAL_ERROR', 'not found out what to say');
    return { kind: 'retry', code, message, accepted: false };
  }
}

function notConfigured(channel: Channel): DeliveryOutcome {
  return {
    kind: 'refused',
    code: 'CHANNEL_NOT_CONFIGURED',
    message: `this installation has no ${channel}; set it up, or have its users switch it off`,
  };
}

function notTried(message: string, retryAfterMs: number): DeliveryOutcome {
  return { kind: 'retry', code: 'SERVICE_UNAVAILABLE', message, retryAfterMs, accepted: false };
}

async function say(
  { clock, pauses }: DeliverOneDeps,
  notifier: Notifier,
  { subject, claimed }: { readonly subject: DeliverySubject; readonly claimed: Claimed },
): Promise<DeliveryOutcome> {
  const { event, task, approval, settings } = subject;
  const { memory, uncertain } = claimed;
  const notification = { event, task, settings, memory, uncertain, ...(approval && { approval }) };
  const bound = { what: `the delivery to ${notifier.channel}`, ms: tryMs };
  const startMs = clock.nowMs();
  try {
    return await within(clock, bound, async (signal) => notifier.deliver(notification, { signal }));
  } catch (error) {
    const nowMs = clock.nowMs();
    if (nowMs - startMs >= bound.ms) pauses.pause(notifier.channel, nowMs + claimMs);
    const { code, message } = AbcaError.wrap(error, 'INTERNAL_ERROR', `the delivery to ${notifier.channel} broke off`);
    return { kind: 'retry', code, message };
  }
}

async function settle(deps: DeliverOneDeps, claim: DeliveryClaim, outcome: DeliveryOutcome): Promise<DeliveryEnd> {
  const { outbox, clock, random, logger } = deps;
  const nowMs = clock.nowMs();
  const settlement = redacted(decideSettlement(outcome, claim, { nowMs, random: random() }));
  const { channel, seq, taskId } = claim.key;
  const log = logger.with({ taskId, seq, channel, attempt: claim.attempt });
  const memory = kept(outcome.memory, log);
  const written = await outbox.settle(claim, settlement, { nowMs, ...(memory && { memory }) });
  if (written === 'lost') {
    log.warn('delivery was taken over while it was tried', { outcome: outcome.kind });
    return 'lost';
  }
  tell(log, settlement);
  return settlement.kind;
}

/** The texts of a channel's errors are its own. */
function redacted(settlement: Settlement): Settlement {
  if (settlement.kind === 'delivered') return settlement;
  return { ...settlement, message: preview(settlement.message, longestMessage) };
}

/** Longest message that is kept of a try, in characters. */
const longestMessage = 500;

/** A notifier that keeps too much has a defect; what it kept before still holds. */
function kept(memory: ChannelMemory | undefined, logger: Logger): ChannelMemory | undefined {
  if (memory === undefined) return undefined;
  const sizeBytes = new TextEncoder().encode(JSON.stringify(memory)).length;
  if (sizeBytes <= limits.delivery.memoryBytes) return memory;
  logger.error('channel keeps too much of a task', { sizeBytes, maxBytes: limits.delivery.memoryBytes });
  return undefined;
}

function tell(logger: Logger, settlement: Settlement): void {
  switch (settlement.kind) {
    case 'delivered':
      logger.info('delivered');
      return;
    case 'skipped':
      logger.info('nothing to deliver', { why: settlement.message });
      return;
    case 'refused':
      logger.error('delivery refused', { code: settlement.code, why: settlement.message });
      return;
    case 'postponed':
      logger.warn('delivery postponed', { code: settlement.code, why: settlement.message });
      return;
    default:
      settlement satisfies never;
  }
}
