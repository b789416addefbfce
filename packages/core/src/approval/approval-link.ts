import * as z from 'zod';
import { AbcaError } from '../errors/abca-error.ts';
import type { RequestId, TaskId, UserId } from '../ids/ids.ts';
import { isoTimeSchema } from '../task/task.ts';
import { parseIso } from '../time/iso-time.ts';
import type { Approval } from './approval.ts';

/** What a link stands for: one request, shown to and decided by one person, until the request expires. */
export type ApprovalLink = Pick<Approval, 'taskId' | 'requestId' | 'userId' | 'expiresAt'>;

/** Where the pages of links are, below the address of the API. */
export const approvalLinkPath = '/v1/approvals/link';

/** Fewer characters than this could be guessed from one link that was sent. */
const minKeyChars = 32;

/** The longest token that is looked at. A real one has about 300 characters; ids of people may be long. */
const maxTokenChars = 2_048;

/** Names kind and version. The scanner for secrets knows a token by it: who holds one may decide. */
const prefix = 'abca-link-1';

const parts = /^abca-link-1\.([A-Za-z0-9_-]{1,1900})\.([A-Za-z0-9_-]{43})$/;

/** In a fixed order, so that one link has one text. */
const payloadSchema = z.tuple([z.string().min(1), z.string().min(1), z.string().min(1), isoTimeSchema]);

/**
 * A token for `link` that cannot be made or changed without the key: `abca-link-1.<payload>.<HMAC-SHA256>`, of characters
 * that need no escaping in a URL. The same link always has the same token.
 *
 * @param key of the installation, secret, at least 32 characters
 * @throws AbcaError CONFIG_INVALID when the key is shorter
 */
export async function signApprovalLink(key: string, link: ApprovalLink): Promise<string> {
  const { taskId, requestId, userId, expiresAt } = link;
  const signed = `${prefix}.${toBase64Url(utf8(JSON.stringify([taskId, requestId, userId, expiresAt])))}`;
  const mac = await crypto.subtle.sign('HMAC', await importKey(key), utf8(signed));
  return `${signed}.${toBase64Url(new Uint8Array(mac))}`;
}

/**
 * The link that `token` was made for; `undefined` when the key did not sign it, when it was changed in any character, or is
 * over at `nowMs`. Which of these it was cannot be told from the answer. The signature is compared in constant time, and
 * nothing of the payload is read before.
 *
 * @throws AbcaError CONFIG_INVALID when the key is too short
 */
export async function verifyApprovalLink(key: string, token: string, nowMs: number): Promise<ApprovalLink | undefined> {
  const secret = await importKey(key);
  const [, payload = '', mac = ''] = (token.length <= maxTokenChars ? parts.exec(token) : undefined) ?? [];
  const given = fromBase64Url(mac);
  if (given === undefined) return undefined;
  if (!(await crypto.subtle.verify('HMAC', secret, given, utf8(`${prefix}.${payload}`)))) return undefined;
  return readPayload(payload, nowMs);
}

/**
 * Where the person who may decide `approval` finds it.
 *
 * @param site.baseUrl address of the API as browsers reach it, such as `https://abca.example.com`
 * @throws AbcaError CONFIG_INVALID when the key is too short
 */
export async function approvalLinkUrl(
  approval: ApprovalLink,
  { baseUrl, linkKey }: { readonly baseUrl: string; readonly linkKey: string },
): Promise<string> {
  return `${baseUrl.replace(/\/+$/, '')}${approvalLinkPath}/${await signApprovalLink(linkKey, approval)}`;
}

async function importKey(key: string): Promise<Awaited<ReturnType<typeof crypto.subtle.importKey>>> {
  if (key.length < minKeyChars) {
    throw new AbcaError('CONFIG_INVALID', `the key of approval links needs at least ${String(minKeyChars)} characters`);
  }
  return crypto.subtle.importKey('raw', utf8(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

function readPayload(payload: string, nowMs: number): ApprovalLink | undefined {
  const bytes = fromBase64Url(payload);
  if (bytes === undefined) return undefined;
  try {
    const fields = payloadSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
    const [taskId, requestId, userId, expiresAt] = fields;
    if (nowMs >= parseIso(expiresAt)) return undefined;
    return { taskId: taskId as TaskId, requestId: requestId as RequestId, userId: userId as UserId, expiresAt };
  } catch {
    // Signed, yet not in this form: by a version that is none of ours. Fails closed.
    return undefined;
  }
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** `undefined` for a text that {@link toBase64Url} would not have written: one value has one text. */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text === '' || text.length % 4 === 1) return undefined;
  const decoded = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(decoded, (character) => character.charCodeAt(0));
  return toBase64Url(bytes) === text ? bytes : undefined;
}
