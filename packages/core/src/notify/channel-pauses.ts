import type { Channel } from './audience.ts';

/**
 * Channels that do not answer, as one process knows them. Who waited for one in vain need not be followed by a hundred who do
 * the same: they would keep the whole stream waiting. Lost with the process, which is harmless.
 */
export class ChannelPauses {
  readonly #untilMs = new Map<Channel, number>();

  /** Leave a channel alone until `untilMs`, milliseconds since the epoch. */
  pause(channel: Channel, untilMs: number): void {
    this.#untilMs.set(channel, untilMs);
  }

  /** For how long a channel is to be left alone, milliseconds from `nowMs`; `undefined` when it need not be. */
  leftMs(channel: Channel, nowMs: number): number | undefined {
    const leftMs = (this.#untilMs.get(channel) ?? nowMs) - nowMs;
    return leftMs > 0 ? leftMs : undefined;
  }
}
