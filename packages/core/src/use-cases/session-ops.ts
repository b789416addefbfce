import { AbcaError } from '../errors/abca-error.ts';
import { parseSessionId } from '../ids/ids.ts';
import type { TaskPage, TaskRepository } from '../ports/task-repository.ts';
import { entryOf, type SessionEntry } from '../session/session-ledger.ts';
import { taskStatuses, type TaskStatus } from '../task/task-status.ts';
import { stopCompute, type StopDeps, type StopReport } from './stop-compute.ts';

/** A page of the ledger. One of all sessions may hold fewer than asked for, or none, although another follows. */
export interface SessionPage {
  readonly sessions: readonly SessionEntry[];
  readonly nextToken?: string;
}

/** What of the ledger is asked for. */
export interface SessionQuery {
  readonly state: 'open' | 'all';
  /** 1 to 100. */
  readonly limit: number;
  readonly nextToken?: string;
}

/** Who runs where: the open sessions of all users, or all that the store still knows. For operators. */
export async function listSessions(
  { tasks }: { readonly tasks: TaskRepository },
  { state, ...query }: SessionQuery,
): Promise<SessionPage> {
  const page = state === 'open' ? await tasks.listOpenSessions(query) : await listAll(tasks, query);
  return {
    sessions: page.tasks.map(entryOf).filter((entry) => entry !== undefined),
    ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
  };
}

/** Status after status, as no index holds all: the token names the status that the page ended in. */
async function listAll(tasks: TaskRepository, { limit, nextToken }: Omit<SessionQuery, 'state'>): Promise<TaskPage> {
  const { status, rest } = parseAllToken(nextToken);
  const page = await tasks.listByStatus({ status, limit, ...(rest !== '' && { nextToken: rest }) });
  if (page.nextToken !== undefined) return { tasks: page.tasks, nextToken: `${status}:${page.nextToken}` };
  const following = taskStatuses[taskStatuses.indexOf(status) + 1];
  return { tasks: page.tasks, ...(following !== undefined && { nextToken: `${following}:` }) };
}

function parseAllToken(token: string | undefined): { readonly status: TaskStatus; readonly rest: string } {
  const [, name = '', rest = ''] = /^([A-Z_]+):(.*)$/.exec(token ?? 'SUBMITTED:') ?? [];
  const status = taskStatuses.find((known) => known === name);
  if (status !== undefined) return { status, rest };
  throw new AbcaError('VALIDATION_ERROR', 'next_token is not one this listing gave; begin again without it');
}

/**
 * Stop one session, whoever's it is, and say how its end was proven. Repeated, it says the same again. For operators.
 *
 * @throws AbcaError SESSION_NOT_FOUND when no task has it, or had it last
 */
export async function stopSessionById(
  deps: StopDeps,
  sessionId: string,
): Promise<{ readonly session: SessionEntry; readonly stop: StopReport }> {
  const seen = await findSession(deps.tasks, sessionId);
  const stop = await stopCompute(deps, seen.task);
  return { session: await findSession(deps.tasks, sessionId), stop };
}

async function findSession(tasks: TaskRepository, sessionId: string): Promise<SessionEntry> {
  const taskId = parseSessionId(sessionId)?.taskId;
  const task = taskId && (await tasks.find(taskId));
  const entry = task && entryOf(task);
  if (entry?.sessionId === sessionId) return entry;
  throw new AbcaError('SESSION_NOT_FOUND', `no task has a session ${sessionId}; list them with: bgagent ops sessions`);
}
