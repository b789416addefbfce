import { randomBytes } from 'node:crypto';
import type { Account } from './people.ts';

/** Level of a permission of an app or of a fine-grained token. */
export type Level = 'read' | 'write';
/** By GitHub's names: `contents`, `issues`, `pull_requests`, … */
export type Permissions = Readonly<Record<string, Level>>;

/** A credential that the fake handed out. */
export interface IssuedToken {
  readonly token: string;
  readonly kind: 'installation' | 'personal';
  readonly account: Account;
  /** `owner/name` of those it reaches; `all` for all that its holder reaches. */
  readonly repositories: readonly string[] | 'all';
  readonly permissions: Permissions;
  readonly createdAtMs: number;
  /** `undefined` for one that does not expire. */
  readonly expiresAtMs: number | undefined;
  revoked: boolean;
  /** Calls of the REST API with it, and fetches and pushes of git, refused ones not counted. */
  readonly used: { api: number; gitReads: number; gitWrites: number };
}

/** All tokens there ever were. */
export class Tokens {
  readonly all: IssuedToken[] = [];

  issue(token: Omit<IssuedToken, 'token' | 'revoked' | 'used'>): IssuedToken {
    const text = `${token.kind === 'installation' ? 'ghs' : 'ghp'}_${randomBytes(18).toString('hex')}`;
    const issued = { ...token, token: text, revoked: false, used: { api: 0, gitReads: 0, gitWrites: 0 } };
    this.all.push(issued);
    return issued;
  }

  /** The token of this text while it is good. */
  findLive(text: string, nowMs: number): IssuedToken | undefined {
    return this.all.find(
      ({ token, revoked, expiresAtMs }) => token === text && !revoked && nowMs < (expiresAtMs ?? Infinity),
    );
  }
}

/** Whether permissions hold one of the alternatives. Writing includes reading. */
export function holds(permissions: Permissions, needs: readonly (readonly [string, Level])[]): boolean {
  return needs.some(([name, level]) => permissions[name] === 'write' || permissions[name] === level);
}
