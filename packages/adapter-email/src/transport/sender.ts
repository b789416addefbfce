import { AbcaError } from '@abca/core';
import * as z from 'zod';

/** Who mail is from. */
export interface Sender {
  /** As it stands in the header: `ABCA <abca@example.com>` or the address alone. */
  readonly from: string;
  /** Of the address. */
  readonly domain: string;
}

const form = /^(?:[\x20-\x3b\x3d\x3f-\x7e]{1,100} <(?<named>[^<>\s]+)>|(?<bare>[^<>\s]+))$/;

/**
 * @param from `abca@example.com`, or with a name of ASCII before it: `ABCA <abca@example.com>`
 * @throws AbcaError CONFIG_INVALID
 */
export function parseSender(from: string): Sender {
  const { named, bare } = form.exec(from)?.groups ?? {};
  const address = named ?? bare ?? '';
  if (z.email().safeParse(address).success) return { from, domain: address.slice(address.lastIndexOf('@') + 1) };
  throw new AbcaError('CONFIG_INVALID', `the sender of mail is "${from}"; write it as: ABCA <abca@example.com>`);
}
