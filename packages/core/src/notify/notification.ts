import * as z from 'zod';
import type { Approval } from '../approval/approval.ts';
import type { TaskEvent } from '../events/task-event.ts';
import type { Task } from '../task/task.ts';
import type { Channel } from './audience.ts';
import type { NotificationSettings } from './notification-settings.ts';

/** Names one delivery: one event to one channel. */
export interface DeliveryKey {
  readonly taskId: TaskEvent['taskId'];
  readonly seq: number;
  readonly channel: Channel;
}

/**
 * What a channel keeps of a task between two deliveries, such as the thread it opened. Plain JSON that only the notifier
 * which wrote it understands; at most 32 KB.
 */
export const channelMemorySchema = z.record(z.string(), z.unknown());
export type ChannelMemory = Readonly<z.infer<typeof channelMemorySchema>>;

/** One event for one channel, with what is needed to say it. Texts of tasks and requests are redacted where they were stored. */
export interface Notification {
  readonly event: TaskEvent;
  /** As the task is now: it may be further on than the event. */
  readonly task: Task;
  /** The request that the event is about, as it is now. */
  readonly approval?: Approval;
  /** How the owner of the task wants to be told. */
  readonly settings: NotificationSettings;
  /** What the channel kept of this task. Empty at first. */
  readonly memory: ChannelMemory;
  /**
   * Whether an earlier try may have been accepted without anybody learning of it: it ended unheard, or with a `retry` that did
   * not say `accepted: false`. Once so, it stays so. A channel that can be asked what it holds is asked before anything is said
   * again; one that can not is told again, for a message twice is better than none.
   */
  readonly uncertain: boolean;
}

/** How a try ended. `memory`, where given, replaces what the channel kept. */
export type DeliveryOutcome =
  /** The channel accepted it. */
  | { readonly kind: 'delivered'; readonly memory?: ChannelMemory }
  /** There is nobody to tell on this channel, or nothing left to say. */
  | { readonly kind: 'skipped'; readonly why: string; readonly memory?: ChannelMemory }
  /** The channel will never accept it. Not tried again. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly memory?: ChannelMemory }
  /** It may be accepted later. `memory` keeps what was reached, so that it is not said again. */
  | {
      readonly kind: 'retry';
      readonly code: string;
      readonly message: string;
      /** The channel asked not to be asked before, milliseconds from now. */
      readonly retryAfterMs?: number;
      /**
       * `false`: the channel answered no, and surely holds nothing of it. Left out, it may hold it: the next try is
       * {@link Notification.uncertain}.
       */
      readonly accepted?: false;
      readonly memory?: ChannelMemory;
    };
