import type { RequestId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { preview } from '../redaction/preview.ts';
import type { IsoTime } from '../time/iso-time.ts';

/** What a person said when they refused a call, on its way to the model. */
export interface UserDenial {
  readonly requestId: RequestId;
  readonly decidedAt: IsoTime;
  readonly reason: string;
}

/** The denial as a block that its text cannot end, whoever wrote it; what was said is cut at `limits.denyReasonChars.agent`. */
export function denialBlock({ requestId, decidedAt, reason }: UserDenial): string {
  return `<user_denial request_id="${escapeXml(requestId)}" decided_at="${escapeXml(decidedAt)}">${escapeXml(preview(reason, limits.denyReasonChars.agent))}</user_denial>`;
}

/** A person's words to the agent while it works. */
export interface UserNudge {
  readonly nudgeId: string;
  readonly sentAt: IsoTime;
  readonly text: string;
}

/** The nudge as a block that its text cannot end. */
export function nudgeBlock({ nudgeId, sentAt, text }: UserNudge): string {
  return `<user_nudge nudge_id="${escapeXml(nudgeId)}" sent_at="${escapeXml(sentAt)}">${escapeXml(text)}</user_nudge>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** `text` as it may stand in XML, in an attribute too. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
