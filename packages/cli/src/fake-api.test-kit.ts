import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type {
  AddRepoBody,
  ApproveBody,
  DenyBody,
  LinkSlackBody,
  NotificationsView,
  EventView,
  PendingView,
  PoliciesView,
  PutNotificationsBody,
  ReconcileView,
  RepoView,
  SecurityBody,
  SessionView,
  SubmitBody,
  TaskView,
} from './client/wire-types.ts';

const terminal = ['task_completed', 'task_failed', 'task_cancelled', 'task_timed_out', 'task_stranded'];
const terminalStatuses = ['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT'];
const startMs = Date.parse('2026-01-31T12:00:00.000Z');

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterS?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Id number `n` of a fake task. */
export const fakeTaskId = (n: number): string => `01KZZZZZZZZZZZZZZZZZZZ${String(n).padStart(4, '0')}`;

export const isoAt = (ms: number): TaskView['created_at'] =>
  new Date(startMs + ms).toISOString() as TaskView['created_at'];

/** A task as the API shows it. */
export function aTask(fields: Partial<TaskView> = {}): TaskView {
  return {
    task_id: fakeTaskId(1) as TaskView['task_id'],
    repo: 'acme/shop' as TaskView['repo'],
    task_type: 'new_task',
    task_description: 'Fix the discount',
    status: 'RUNNING',
    status_created_at: isoAt(400),
    created_at: isoAt(0),
    updated_at: isoAt(400),
    deadline_at: isoAt(28_800_000),
    ...fields,
  };
}

/** An event as the API shows it. */
export function anEvent(
  seq: number,
  eventType: string,
  metadata: Record<string, unknown> = {},
  ms = seq * 100,
): EventView {
  return {
    task_id: fakeTaskId(1),
    seq,
    event_id: `01KEVENT${String(seq).padStart(18, '0')}`,
    event_type: eventType,
    timestamp: isoAt(ms),
    metadata,
    repo: 'acme/shop',
  } as unknown as EventView;
}

/** A request for an approval as the API shows it: five minutes from 12:04. */
export function aPending(fields: Partial<PendingView> = {}): PendingView {
  return {
    task_id: fakeTaskId(1) as PendingView['task_id'],
    request_id: '01KREQUEST0000000000000001' as PendingView['request_id'],
    repo: 'acme/shop' as PendingView['repo'],
    status: 'PENDING',
    tool_name: 'Bash',
    input: 'git push --force origin feature/discount',
    input_preview: 'git push --force origin feature/discount',
    reason: 'force_push_any: A force push rewrites history that others may have.',
    severity: 'medium',
    matching_rule_ids: ['force_push_any'],
    timeout_s: 300,
    suggested_scopes: ['this_call', 'bash_pattern:git push --force origin feature/discount', 'rule:force_push_any'],
    created_at: isoAt(240_000),
    expires_at: isoAt(540_000),
    ...fields,
  };
}

/** A rule as the API shows it. */
export function aRule(fields: Partial<PoliciesView['rules'][number]> = {}): PoliciesView['rules'][number] {
  return {
    rule_id: 'force_push_any',
    tier: 'soft',
    severity: 'medium',
    approval_timeout_s: 300,
    category: 'git',
    summary: 'A force push rewrites history that others may have.',
    source: 'built-in soft policies',
    ...fields,
  };
}

/** Session `n` of the ledger as the API shows it: open since noon. */
export function aSession(n: number, fields: Partial<SessionView> = {}): SessionView {
  return {
    session_id: `abca-session-${fakeTaskId(n)}-g1`,
    task_id: fakeTaskId(n) as SessionView['task_id'],
    user_id: 'ann' as SessionView['user_id'],
    repo: 'acme/shop' as SessionView['repo'],
    compute_type: 'local',
    generation: 1,
    state: 'open',
    since: isoAt(0),
    task_status: 'RUNNING',
    ...fields,
  };
}

/** The receipt of a task that went well. */
export function aReceipt(fields: Partial<NonNullable<TaskView['receipt']>> = {}): NonNullable<TaskView['receipt']> {
  return {
    outcome: 'delivered',
    branch: 'abca/zzzz0001/fix-the-discount',
    base_branch: 'main',
    base_sha: '0'.repeat(40),
    head_sha: '1234567890abcdef1234567890abcdef12345678',
    pr_url: 'file:///srv/demo.git#abca/pulls/1',
    pr_number: 1,
    commits: 1,
    files_changed: 1,
    insertions: 1,
    deletions: 1,
    model: 'scripted',
    verified_at: isoAt(4000),
    ...fields,
  };
}

export class FakeApi {
  readonly token = 'a-token-of-the-fake-platform';
  readonly requests: FakeRequest[] = [];
  readonly tasks = new Map<string, TaskView>();
  readonly repos = new Map<string, RepoView>();
  readonly events = new Map<string, EventView[]>();
  readonly pending = new Map<string, PendingView>();
  readonly decided = new Map<string, string>();
  readonly sessions = new Map<string, SessionView>();
  /** What the caller is told on, and the channels that are set up. */
  notifications: NotificationsView = { channels: ['slack', 'github', 'email'] };
  /** Slack users that are linked. */
  readonly slackUsers = new Set<string>();
  /** Whether the caller is an operator. */
  isOperator = true;
  reconciled: ReconcileView = {
    outcome: 'clean',
    took_ms: 12,
    tasks: { looked: 3, did: { stranded: 1, woken: 2 }, errors: {}, more: false },
    sessions: { looked: 1, did: { proven: 1 }, errors: {}, more: false },
    slots: { looked: 0, did: {}, errors: {}, more: false },
  };
  rules: PoliciesView['rules'] = [
    aRule(),
    aRule({ rule_id: 'rm_slash', tier: 'hard', severity: 'high', source: 'built-in hard policies' }),
  ];
  /** What is wrong with policies that are set from now on. */
  policyProblems: readonly string[] = [];
  chunkBytes = Number.POSITIVE_INFINITY;
  stop: { outcome: string; description: string; proven_by?: string } = {
    outcome: 'stopped',
    description: 'stopped: the process group is gone',
    proven_by: 'the process group is gone',
  };
  readonly #server: Server;
  readonly #keys = new Map<string, string>();
  readonly #failures: Failure[] = [];
  readonly #growth = new Map<string, Set<() => void>>();
  #cutAfter: () => number | undefined = () => undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  failNext(
    status: number,
    options: { code?: string; message?: string; retryAfterS?: number; times?: number } = {},
  ): void {
    const { code = 'SERVICE_UNAVAILABLE', message = 'the store is busy', retryAfterS, times = 1 } = options;
    const failure = { status, code, message, ...(retryAfterS !== undefined && { retryAfterS }) };
    this.#failures.push(...Array.from({ length: times }, () => failure));
  }

  cutStreams(bytes: () => number | undefined): void {
    this.#cutAfter = bytes;
  }

  addTask(fields: Partial<TaskView> = {}): TaskView {
    const task = aTask(fields);
    this.tasks.set(task.task_id, task);
    this.events.set(task.task_id, []);
    return task;
  }

  addRepo(repo: string, cloneUrl: string): RepoView {
    const view = {
      repo,
      status: 'active',
      forge: 'git',
      clone_url: cloneUrl,
      blueprint: {},
      created_at: isoAt(0),
      updated_at: isoAt(0),
    } as RepoView;
    this.repos.set(repo, view);
    return view;
  }

  append(taskId: string, eventType: string, metadata: Record<string, unknown> = {}): void {
    const log = this.events.get(taskId) ?? [];
    log.push({ ...anEvent(log.length + 1, eventType, metadata), task_id: taskId } as EventView);
    this.events.set(taskId, log);
    for (const wake of this.#growth.get(taskId) ?? []) wake();
  }

  finish(taskId: string, fields: Partial<TaskView>, eventType: string, metadata: Record<string, unknown>): void {
    this.tasks.set(taskId, { ...this.#task(taskId)!, ended_at: isoAt(4100), ...fields });
    this.append(taskId, eventType, metadata);
  }

  /** A task comes to wait for an approval. */
  ask(fields: Partial<PendingView> = {}): PendingView {
    const pending = aPending(fields);
    const { task_id, request_id, input: _input, suggested_scopes: _scopes, ...rest } = pending;
    this.pending.set(request_id, pending);
    this.#move(task_id, { status: 'AWAITING_APPROVAL', awaiting_approval_request_id: request_id });
    const metadata = { milestone: 'approval_requested', request_id, input_sha256: '0'.repeat(64), ...rest };
    this.append(task_id, 'agent_milestone', metadata);
    return pending;
  }

  /** A request is over: somebody decided, or nobody did. */
  conclude(
    request_id: string,
    status: 'APPROVED' | 'DENIED' | 'TIMED_OUT',
    fields: Record<string, unknown> = {},
  ): void {
    const pending = this.pending.get(request_id)!;
    this.pending.delete(request_id);
    this.decided.set(request_id, status);
    this.#move(pending.task_id, { status: 'RUNNING', awaiting_approval_request_id: undefined });
    const milestone = { APPROVED: 'approval_granted', DENIED: 'approval_denied', TIMED_OUT: 'approval_timed_out' }[
      status
    ];
    const { timeout_s, matching_rule_ids } = pending;
    const metadata = { request_id, timeout_s, effective_timeout_s: timeout_s, matching_rule_ids, milestone, ...fields };
    this.append(pending.task_id, 'agent_milestone', metadata);
  }

  #move(taskId: string, fields: Partial<TaskView>): void {
    const task = this.#task(taskId);
    if (task !== undefined) this.tasks.set(taskId, { ...task, ...fields } as TaskView);
  }

  #task(id: string): TaskView | undefined {
    return this.tasks.get(id);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const raw = await text(request);
    const body: unknown = raw === '' ? undefined : JSON.parse(raw);
    const method = request.method ?? 'GET';
    this.requests.push({ method, path: `${url.pathname}${url.search}`, headers: request.headers, body });
    const failure = this.#failures.shift();
    if (failure !== undefined) return fail(response, failure);
    if (url.pathname === '/v1/health')
      return send(response, 200, { data: { status: 'ok', version: '0.1.0', model: 'scripted' } });
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      return fail(response, { status: 401, code: 'UNAUTHORIZED', message: 'the token is missing or not valid' });
    }
    const [, , kind, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    if (kind === 'repos') return this.#serveRepos(method, rest.join('/'), body as AddRepoBody, response);
    if (kind === 'pending') return this.#page([...this.pending.values()], url, response);
    if (kind === 'ops') return this.#serveOps(rest, url, response);
    if (kind === 'notifications') return this.#serveNotifications(method, body, response);
    if (kind !== 'tasks') return fail(response, { status: 404, code: 'NOT_FOUND', message: 'no such route' });
    const [id, sub] = rest;
    if (id === undefined) {
      const key = request.headers['idempotency-key'] as string | undefined;
      return method === 'POST' ? this.#submit(key, body as SubmitBody, response) : this.#list(url, response);
    }
    const task = this.#task(id);
    if (task === undefined) return fail(response, { status: 404, code: 'TASK_NOT_FOUND', message: `no task ${id}` });
    if (sub === 'events') return this.#serveEvents(id, url, request, response);
    if (sub === 'approve' || sub === 'deny') return this.#decide(task, sub, body as ApproveBody & DenyBody, response);
    if (sub === 'nudges') return this.#nudge(task, (body as { text: string }).text, response);
    if (method === 'DELETE') return this.#cancel(task, response);
    send(response, 200, { data: task });
  }

  #list(url: URL, response: ServerResponse): void {
    const wanted = url.searchParams.get('status')?.split(',');
    const all = [...this.tasks.values()].reverse().filter(({ status }) => wanted?.includes(status) ?? true);
    this.#page(all, url, response);
  }

  #page(all: readonly unknown[], url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('next_token') ?? 0);
    const to = from + Number(url.searchParams.get('limit') ?? 20);
    const more = to < all.length;
    const pagination = more ? { next_token: String(to), has_more: true } : { has_more: false };
    send(response, 200, { data: all.slice(from, to), pagination });
  }

  #submit(key: string | undefined, body: SubmitBody, response: ServerResponse): void {
    const known = key === undefined ? undefined : this.#keys.get(key);
    if (known !== undefined) return send(response, 200, { data: this.#task(known) });
    if (!this.repos.has(body.repo)) {
      const message = `repository ${body.repo} has not been added`;
      return fail(response, { status: 422, code: 'REPO_NOT_ONBOARDED', message });
    }
    if (body.task_description.length > 10_000) {
      const message = 'task_description: Too big: expected string to have <=10000 characters';
      return fail(response, { status: 400, code: 'VALIDATION_ERROR', message });
    }
    const taskId = fakeTaskId(this.tasks.size + 1);
    const task = this.addTask({ ...body, task_id: taskId, status: 'SUBMITTED' } as Partial<TaskView>);
    this.append(taskId, 'task_created', { repo: body.repo, task_type: 'new_task' });
    if (key !== undefined) this.#keys.set(key, taskId);
    send(response, 201, { data: task });
  }

  #cancel(task: TaskView, response: ServerResponse): void {
    if (terminalStatuses.includes(task.status)) {
      const message = `task ${task.task_id} has already ended: ${task.status}`;
      return fail(response, { status: 409, code: 'TASK_ALREADY_TERMINAL', message });
    }
    this.finish(task.task_id, { status: 'CANCELLED' }, 'task_cancelled', { by: 'local' });
    send(response, 200, { data: { task: this.#task(task.task_id), stop: this.stop } });
  }

  #decide(
    { task_id }: TaskView,
    verb: 'approve' | 'deny',
    { request_id, scope, reason }: ApproveBody & DenyBody,
    response: ServerResponse,
  ): void {
    const status = this.decided.get(request_id);
    const pending = this.pending.get(request_id);
    if (status !== undefined) {
      const message = `request ${request_id} is ${status} already`;
      return fail(response, { status: 409, code: 'REQUEST_ALREADY_DECIDED', message, details: { status } });
    }
    if (pending?.task_id !== task_id) {
      const message = `you have no request ${request_id}; list the open ones with: bgagent pending`;
      return fail(response, { status: 404, code: 'REQUEST_NOT_FOUND', message });
    }
    if (scope !== undefined && scope !== 'all_session' && !pending.suggested_scopes.includes(scope)) {
      const message = `scope: "${scope}" is not a scope; write one of: ${pending.suggested_scopes.join(', ')}`;
      return fail(response, { status: 400, code: 'VALIDATION_ERROR', message });
    }
    const decided = verb === 'approve' ? 'APPROVED' : 'DENIED';
    const given = verb === 'approve' ? { scope: scope ?? 'this_call' } : { reason: reason ?? 'no reason was given' };
    const audit = { request_id, decision: decided.toLowerCase(), by: 'local', ...(verb === 'approve' && given) };
    this.append(task_id, 'approval_decision_recorded', audit);
    this.conclude(request_id, decided, given);
    const view = { task_id, request_id, status: decided, decided_at: isoAt(300_000) };
    send(response, 202, { data: verb === 'approve' ? { ...view, ...given } : view });
  }

  #nudge({ task_id, status }: TaskView, words: string, response: ServerResponse): void {
    if (terminalStatuses.includes(status)) {
      return fail(response, { status: 409, code: 'TASK_ALREADY_TERMINAL', message: `task ${task_id} has ended` });
    }
    this.append(task_id, 'nudge_received', { nudge_id: 'n-1', text: words });
    send(response, 202, { data: { nudge_id: 'n-1' } });
  }

  #serveOps([what, id, verb]: readonly string[], url: URL, response: ServerResponse): void {
    if (!this.isOperator) {
      const message = 'this is for the operators of the platform; ask one of them';
      return fail(response, { status: 403, code: 'FORBIDDEN', message });
    }
    if (what === 'reconcile') return send(response, 200, { data: this.reconciled });
    const all = [...this.sessions.values()];
    if (id === undefined) {
      const isWanted = ({ state }: SessionView) => url.searchParams.get('state') === 'all' || state === 'open';
      return this.#page(all.filter(isWanted), url, response);
    }
    const session = verb === 'stop' ? this.sessions.get(id) : undefined;
    if (session === undefined) {
      const message = `no task has a session ${id}; list them with: bgagent ops sessions`;
      return fail(response, { status: 404, code: 'SESSION_NOT_FOUND', message });
    }
    if (this.stop.outcome === 'stopped') this.sessions.set(id, { ...session, state: 'ended' });
    send(response, 200, { data: { session: this.sessions.get(id), stop: this.stop } });
  }

  #serveNotifications(method: string, body: unknown, response: ServerResponse): void {
    if (method === 'POST') return this.#linkSlack(body as LinkSlackBody, response);
    if (method === 'PUT') {
      const { channels } = this.notifications;
      const settings = body as PutNotificationsBody;
      const missing = (['slack', 'email'] as const).filter((name) => settings[name] && !channels.includes(name));
      if (missing.length > 0) {
        const message = `${missing.join(' and ')} cannot be used: not set up on this platform`;
        return fail(response, { status: 422, code: 'CHANNEL_NOT_CONFIGURED', message });
      }
      this.notifications = { ...settings, channels };
    }
    send(response, 200, { data: this.notifications });
  }

  #linkSlack(body: LinkSlackBody, response: ServerResponse): void {
    if (this.slackUsers.has(body.slack_user_id)) {
      const message = `Slack user ${body.slack_user_id} is linked already`;
      return fail(response, { status: 409, code: 'ALREADY_LINKED', message });
    }
    this.slackUsers.add(body.slack_user_id);
    send(response, 201, { data: body });
  }

  #servePolicies(repo: RepoView, put: SecurityBody | undefined, response: ServerResponse): void {
    if (put !== undefined && this.policyProblems.length > 0) {
      const message = `the policies cannot be used: ${this.policyProblems.join(' | ')}`;
      const details = { problems: this.policyProblems };
      return fail(response, { status: 422, code: 'POLICY_INVALID', message, details });
    }
    if (put !== undefined) this.repos.set(repo.repo, { ...repo, blueprint: { ...repo.blueprint, security: put } });
    const security = put ?? repo.blueprint.security;
    const view: PoliciesView = {
      repo: repo.repo,
      rules: this.rules,
      disabled: security?.cedar_policies?.disable ?? [],
      warnings: [],
      approval_gate_cap: security?.approval_gate_cap ?? 50,
      max_pre_approval_scope: security?.max_pre_approval_scope ?? 'all_session',
    };
    send(response, 200, { data: view });
  }

  #serveRepos(method: string, name: string, body: AddRepoBody, response: ServerResponse): void {
    if (name === '' && method === 'GET')
      return send(response, 200, { data: [...this.repos.values()], pagination: { has_more: false } });
    if (method === 'POST') {
      const { blueprint: { triggers, ...others } = {} } = body;
      const blueprint = { ...others, ...(triggers && { triggers: { run_as: 'ann', ...triggers } }) };
      const view = { ...this.addRepo(body.repo, body.clone_url), ...body, blueprint } as RepoView;
      this.repos.set(body.repo, view);
      return send(response, 201, { data: view });
    }
    const found = this.repos.get(name.replace(/\/policies$/, ''));
    if (found === undefined)
      return fail(response, { status: 404, code: 'REPO_NOT_FOUND', message: `no repository ${name}` });
    if (name.endsWith('/policies')) {
      return this.#servePolicies(found, method === 'PUT' ? (body as unknown as SecurityBody) : undefined, response);
    }
    if (method === 'DELETE') this.repos.delete(name);
    send(response, 200, { data: found });
  }

  async #serveEvents(id: string, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const after = Number(request.headers['last-event-id'] ?? url.searchParams.get('after') ?? 0);
    if (request.headers.accept === 'text/event-stream') return this.#stream(id, after, response);
    const limit = Number(url.searchParams.get('limit') ?? 100);
    const rest = (this.events.get(id) ?? []).slice(after);
    const page = rest.slice(0, limit);
    const more = rest.length > page.length;
    const pagination = more ? { next_token: String(page.at(-1)?.seq), has_more: true } : { has_more: false };
    send(response, 200, { data: page, pagination });
  }

  async #stream(id: string, after: number, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const stream = new CutStream(response, this.#cutAfter(), this.chunkBytes);
    stream.write('retry: 1000\n\n: keep-alive\n\n');
    let sent = after;
    while (!stream.isOver) {
      const log = this.events.get(id) ?? [];
      for (const event of log.slice(sent)) {
        stream.write(`id: ${String(event.seq)}\nevent: ${event.event_type}\ndata: ${JSON.stringify(event)}\n\n`);
        sent = event.seq;
      }
      if (log.some(({ event_type }) => terminal.includes(event_type))) return stream.end();
      await this.#grown(id, response);
    }
  }

  #grown(id: string, response: ServerResponse): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#growth.get(id) ?? new Set();
      this.#growth.set(id, waiting.add(resolve));
      response.once('close', resolve);
    });
  }
}

/** A response that dies after a number of bytes. */
class CutStream {
  readonly #response: ServerResponse;
  readonly #chunkBytes: number;
  #left: number;
  #isCut = false;

  constructor(response: ServerResponse, cutAfter: number | undefined, chunkBytes: number) {
    this.#response = response;
    this.#left = cutAfter ?? Number.POSITIVE_INFINITY;
    this.#chunkBytes = chunkBytes;
  }

  get isOver(): boolean {
    return this.#isCut || this.#response.destroyed || this.#response.writableEnded;
  }

  write(content: string): void {
    for (let bytes = Buffer.from(content); bytes.length > 0 && !this.isOver;) {
      const size = Math.min(this.#left, this.#chunkBytes, bytes.length);
      this.#response.write(bytes.subarray(0, size));
      this.#left -= size;
      bytes = bytes.subarray(size);
      if (this.#left <= 0) this.#cut();
    }
  }

  /** Behind the bytes that are under way: destroyed at once, they would not arrive. */
  #cut(): void {
    this.#isCut = true;
    this.#response.socket?.destroySoon();
  }

  end(): void {
    if (!this.isOver) this.#response.end();
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function fail(response: ServerResponse, { status, code, message, retryAfterS, details }: Failure): void {
  if (retryAfterS !== undefined) response.setHeader('retry-after', String(retryAfterS));
  send(response, status, { error: { code, message, request_id: 'r-1', ...(details && { details }) } });
}
