/** What somebody may do in a repository, by GitHub's names. */
export type PersonPermission = 'admin' | 'write' | 'read' | 'none';

/** A person or a bot. */
export interface Account {
  readonly login: string;
  readonly id: number;
  readonly type: 'User' | 'Bot' | 'Organization';
}

/** Who there is, and what they may do where. */
export class People {
  readonly #accounts = new Map<string, Account>();
  readonly #permissions = new Map<string, PersonPermission>();

  /** Give somebody a permission in a repository. They come into being with it. */
  set(login: string, repo: string, permission: PersonPermission): void {
    this.account(login);
    this.#permissions.set(key(login, repo), permission);
  }

  /** `undefined` for somebody whom GitHub does not know. */
  find(login: string): Account | undefined {
    return this.#accounts.get(login.toLowerCase());
  }

  permissionOf(login: string, repo: string): PersonPermission {
    return this.#permissions.get(key(login, repo)) ?? 'none';
  }

  /** The account of `login`, made when it is not there. */
  account(login: string, type: Account['type'] = login.endsWith('[bot]') ? 'Bot' : 'User'): Account {
    const known = this.find(login);
    if (known !== undefined) return known;
    const account = { login, id: 1000 + this.#accounts.size, type };
    this.#accounts.set(login.toLowerCase(), account);
    return account;
  }
}

function key(login: string, repo: string): string {
  return `${login} ${repo}`.toLowerCase();
}
