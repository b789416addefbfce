import type { Context } from 'hono';
import * as z from 'zod';

/** Largest form that is read, bytes: a reason of 2,000 characters with every character escaped fits. */
export const maxFormBytes = 32 * 1024;

const formSchema = z.discriminatedUnion('decision', [
  z.strictObject({ decision: z.literal('approve'), reason: z.string().max(20_000).optional() }),
  z.strictObject({ decision: z.literal('deny'), reason: z.string().max(20_000).optional() }),
]);

/** What a person answers with. A reason that was typed before an approval is nobody's. */
export type LinkAnswer = { readonly kind: 'approve' } | { readonly kind: 'deny'; readonly reason?: string };

/**
 * Whether a page of this very site sent the request. Such a page is told to send no referrer, so a browser says `Origin: null`
 * for its form, and `Sec-Fetch-Site` says where it was. A browser that says neither is not believed: it may be on any page.
 *
 * @param origin of this site as browsers see it, such as `https://abca.example.com`
 */
export function isFromOwnPage(c: Context, origin: string): boolean {
  const site = c.req.header('Sec-Fetch-Site');
  const sender = c.req.header('Origin');
  if (site === undefined) return sender === origin;
  return site === 'same-origin' && (sender === undefined || sender === 'null' || sender === origin);
}

export function isForm(c: Context): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(c.req.header('Content-Type') ?? '');
}

/** What the form says; `undefined` when it is not one of ours. A field that comes twice has two meanings, and so none. */
export function parseForm(body: string): LinkAnswer | undefined {
  const fields = [...new URLSearchParams(body)];
  if (new Set(fields.map(([name]) => name)).size !== fields.length) return undefined;
  const { data } = formSchema.safeParse(Object.fromEntries(fields));
  if (data === undefined) return undefined;
  if (data.decision === 'approve') return { kind: 'approve' };
  return { kind: 'deny', ...(data.reason !== undefined && { reason: data.reason }) };
}
