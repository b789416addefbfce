import type { Clock } from '@abca/core';
import { createApp, type App } from './app.ts';
import { People, type Account } from './people.ts';
import { Repository, type RepositoryOptions } from './repository.ts';
import { Tokens } from './tokens.ts';

/** All that the fake knows. */
export class World {
  readonly app: App;
  readonly people = new People();
  readonly tokens = new Tokens();
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Base of the addresses that answers hold: the web, and the API below it. */
  webUrl = '';
  #repositories = new Map<string, Repository>();
  #lastId = 5000;

  constructor(clock: Pick<Clock, 'nowMs'>, app: { readonly appId?: number; readonly slug?: string }) {
    this.clock = clock;
    this.app = createApp(app);
    this.people.account(this.app.login, 'Bot');
  }

  get apiUrl(): string {
    return `${this.webUrl}/api/v3`;
  }

  nextId(): number {
    return (this.#lastId += 1);
  }

  addRepository(options: RepositoryOptions): Repository {
    const repository = new Repository(this.nextId(), options);
    this.#repositories.set(options.repo.toLowerCase(), repository);
    this.people.account(repository.owner, 'Organization');
    return repository;
  }

  findRepository(fullName: string): Repository | undefined {
    return this.#repositories.get(fullName.toLowerCase());
  }

  repositoriesOf(owner: string): readonly Repository[] {
    return [...this.#repositories.values()].filter((one) => one.owner.toLowerCase() === owner.toLowerCase());
  }

  get appAccount(): Account {
    return this.people.account(this.app.login, 'Bot');
  }
}
