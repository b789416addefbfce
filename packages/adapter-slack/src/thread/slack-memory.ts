import type { ChannelMemory } from '@abca/core';
import * as z from 'zod';

/** Kept at most, so that what is kept stays far below `limits.delivery.memoryBytes`. */
const most = { cards: 30, said: 50, unsure: 20, previewChars: 100 } as const;

const cardSchema = z.object({
  requestId: z.string(),
  ts: z.string(),
  /** Whether it still shows a way to decide. */
  open: z.boolean(),
  toolName: z.string(),
  inputPreview: z.string(),
});
export type RememberedCard = z.infer<typeof cardSchema>;

const memorySchema = z.object({
  /** The conversation as Slack names it: for a person, that of their direct messages. */
  channel: z.string().optional(),
  /** The root of the thread. */
  ts: z.string().optional(),
  /** Number of the newest event that the root shows. */
  seq: z.number().int().nonnegative().default(0),
  /** The reaction that is on the root. */
  reaction: z.string().optional(),
  cards: z.array(cardSchema).default([]),
  /** Numbers of events that a reply was posted for. */
  said: z.array(z.number().int()).default([]),
  /** Posts whose answer was lost: to be looked for before they are repeated. */
  unsure: z.array(z.string()).default([]),
});
export type SlackMemory = z.infer<typeof memorySchema>;

/** What was kept of a task. What is not readable is forgotten: the thread starts anew. */
export function parseMemory(memory: ChannelMemory): SlackMemory {
  return memorySchema.safeParse(memory).data ?? memorySchema.parse({});
}

/** What is to be kept. Cards that are open stay longest. */
export function toMemory(memory: SlackMemory): ChannelMemory {
  const { cards, said, unsure, ...rest } = memory;
  return {
    ...rest,
    ...(cards.length > 0 && { cards: prunedCards(cards) }),
    ...(said.length > 0 && { said: said.slice(-most.said) }),
    ...(unsure.length > 0 && { unsure: unsure.slice(-most.unsure) }),
  };
}

function prunedCards(cards: readonly RememberedCard[]): readonly RememberedCard[] {
  const byNewest = cards.toReversed();
  const kept = new Set(
    [...byNewest.filter(({ open }) => open), ...byNewest.filter(({ open }) => !open)].slice(0, most.cards),
  );
  return cards
    .filter((card) => kept.has(card))
    .map((card) => ({
      ...card,
      toolName: card.toolName.slice(0, most.previewChars),
      inputPreview: card.inputPreview.slice(0, most.previewChars),
    }));
}
