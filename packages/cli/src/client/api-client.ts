import type {
  AddRepoBody,
  ApproveBody,
  DecisionView,
  DenyBody,
  EventView,
  HealthView,
  LinkSlackBody,
  NotificationsView,
  NudgeView,
  Pagination,
  PendingView,
  PoliciesView,
  PutNotificationsBody,
  ReconcileView,
  RepoView,
  SecurityBody,
  SessionView,
  SlackLinkView,
  StopView,
  SubmitBody,
  TaskView,
} from './wire-types.ts';
import type { CliIo } from '../io/cli-io.ts';
import { backoffMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { errorOf, readEnvelope, retryAfterMs, send, type HttpRequest } from './http.ts';

const attempts = 4;
const waits = { firstMs: 250, longestMs: 10_000 };
/** Largest page that the API gives. */
const pageSize = 100;

interface Page<T> {
  readonly data: readonly T[];
  readonly pagination: Pagination;
}

/** A task as it was submitted; `replayed` when the key had made it before. */
export interface Submitted {
  readonly task: TaskView;
  readonly replayed: boolean;
}

/**
 * The HTTP API of a platform. Calls are repeated when the platform answers that it is busy (429, 503), after the time it asks
 * for; all but a nudge are safe to repeat, so that one is repeated only where it surely was not taken (429).
 */
export class ApiClient {
  readonly connection: Connection;
  readonly #io: Pick<CliIo, 'sleep'>;

  constructor(connection: Connection, io: Pick<CliIo, 'sleep'>) {
    this.connection = connection;
    this.#io = io;
  }

  /** @param key made by the caller if not by the person: it is what makes a repeated request safe */
  async submit(body: SubmitBody, key: string): Promise<Submitted> {
    const headers = { 'idempotency-key': key };
    const response = await this.#request({ method: 'POST', path: '/v1/tasks', body, headers });
    const { data } = await readEnvelope<{ data: TaskView }>(this.connection, response);
    return { task: data, replayed: response.status === 200 };
  }

  /** At most `limit` tasks, newest first. */
  listTasks(limit: number, statuses: readonly string[] = []): Promise<TaskView[]> {
    const filter = statuses.length === 0 ? '' : `&status=${statuses.map(encodeURIComponent).join(',')}`;
    return this.#pages<TaskView>(`/v1/tasks?limit=${String(Math.min(limit, pageSize))}${filter}`, limit);
  }

  async getTask(taskId: string): Promise<TaskView> {
    return this.#data<TaskView>({ method: 'GET', path: taskPath(taskId) });
  }

  async cancelTask(taskId: string): Promise<{ readonly task: TaskView; readonly stop: StopView }> {
    return this.#data({ method: 'DELETE', path: taskPath(taskId) });
  }

  /** At most `limit` events after number `after`, in order. */
  async listEvents(taskId: string, after: number, limit: number): Promise<EventView[]> {
    const path = `${taskPath(taskId)}/events`;
    const events: EventView[] = [];
    for (let position = after, more = true; more && events.length < limit;) {
      const size = Math.min(limit - events.length, pageSize);
      const page = await this.#page<EventView>(`${path}?after=${String(position)}&limit=${String(size)}`);
      events.push(...page.data);
      position = page.data.at(-1)?.seq ?? position;
      more = page.pagination.has_more && page.data.length > 0;
    }
    return events;
  }

  approve(taskId: string, body: ApproveBody): Promise<DecisionView> {
    return this.#data<DecisionView>({ method: 'POST', path: `${taskPath(taskId)}/approve`, body });
  }

  deny(taskId: string, body: DenyBody): Promise<DecisionView> {
    return this.#data<DecisionView>({ method: 'POST', path: `${taskPath(taskId)}/deny`, body });
  }

  /** @returns the id of the nudge */
  async nudge(taskId: string, text: string): Promise<string> {
    const request = { method: 'POST', path: `${taskPath(taskId)}/nudges`, body: { text } } as const;
    return (await this.#data<NudgeView>(request)).nudge_id;
  }

  /** At most `limit` open requests of the caller. */
  listPending(limit: number): Promise<PendingView[]> {
    return this.#pages<PendingView>(`/v1/pending?limit=${String(Math.min(limit, pageSize))}`, limit);
  }

  getPolicies(repo: string): Promise<PoliciesView> {
    return this.#data<PoliciesView>({ method: 'GET', path: `${repoPath(repo)}/policies` });
  }

  /** Put `body` in place of all that the repository says of security. */
  setPolicies(repo: string, body: SecurityBody): Promise<PoliciesView> {
    return this.#data<PoliciesView>({ method: 'PUT', path: `${repoPath(repo)}/policies`, body });
  }

  addRepo(body: AddRepoBody): Promise<RepoView> {
    return this.#data<RepoView>({ method: 'POST', path: '/v1/repos', body });
  }

  listRepos(): Promise<RepoView[]> {
    return this.#pages<RepoView>(`/v1/repos?limit=${String(pageSize)}`, Number.POSITIVE_INFINITY);
  }

  getRepo(repo: string): Promise<RepoView> {
    return this.#data<RepoView>({ method: 'GET', path: repoPath(repo) });
  }

  removeRepo(repo: string): Promise<RepoView> {
    return this.#data<RepoView>({ method: 'DELETE', path: repoPath(repo) });
  }

  /** At most `limit` sessions of all users, for operators. */
  listSessions(state: 'open' | 'all', limit: number): Promise<SessionView[]> {
    return this.#pages<SessionView>(
      `/v1/ops/sessions?state=${state}&limit=${String(Math.min(limit, pageSize))}`,
      limit,
    );
  }

  stopSession(sessionId: string): Promise<{ readonly session: SessionView; readonly stop: StopView }> {
    return this.#data({ method: 'POST', path: `/v1/ops/sessions/${encodeURIComponent(sessionId)}/stop` });
  }

  reconcile(): Promise<ReconcileView> {
    return this.#data<ReconcileView>({ method: 'POST', path: '/v1/ops/reconcile' });
  }

  getNotifications(): Promise<NotificationsView> {
    return this.#data<NotificationsView>({ method: 'GET', path: '/v1/notifications' });
  }

  /** Put `body` in place of all the caller's settings. */
  putNotifications(body: PutNotificationsBody): Promise<NotificationsView> {
    return this.#data<NotificationsView>({ method: 'PUT', path: '/v1/notifications', body });
  }

  linkSlack(body: LinkSlackBody): Promise<SlackLinkView> {
    return this.#data<SlackLinkView>({ method: 'POST', path: '/v1/notifications/slack/link', body });
  }

  health(): Promise<HealthView> {
    return this.#data<HealthView>({ method: 'GET', path: '/v1/health' });
  }

  async #pages<T>(path: string, limit: number): Promise<T[]> {
    const items: T[] = [];
    let token: string | undefined;
    do {
      const next = token === undefined ? '' : `&next_token=${encodeURIComponent(token)}`;
      const { data, pagination } = await this.#page<T>(`${path}${next}`);
      items.push(...data);
      token = pagination.has_more ? pagination.next_token : undefined;
    } while (token !== undefined && items.length < limit);
    return items.slice(0, limit);
  }

  async #page<T>(path: string): Promise<Page<T>> {
    return readEnvelope<Page<T>>(this.connection, await this.#request({ method: 'GET', path }));
  }

  async #data<T>(request: HttpRequest): Promise<T> {
    const { data } = await readEnvelope<{ data: T }>(this.connection, await this.#request(request));
    return data;
  }

  async #request(request: HttpRequest): Promise<Response> {
    for (let failures = 1; ; failures += 1) {
      const response = await send(this.connection, request);
      if (response.ok) return response;
      const isBusy = response.status === 429 || (response.status === 503 && !request.path.endsWith('/nudges'));
      if (!isBusy || failures === attempts) throw await errorOf(this.connection, response);
      await response.body?.cancel();
      await this.#io.sleep(Math.min(retryAfterMs(response) ?? backoffMs(failures, waits), waits.longestMs));
    }
  }
}

function taskPath(taskId: string): string {
  return `/v1/tasks/${encodeURIComponent(taskId)}`;
}

function repoPath(repo: string): string {
  return `/v1/repos/${repo.split('/').map(encodeURIComponent).join('/')}`;
}
