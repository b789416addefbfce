/** Id of a task: a ULID, 26 characters of Crockford's base 32, which sorts by the time it was made. */
export type TaskId = string & { readonly __brand: 'TaskId' };
/** Id of an agent session, made from task id and generation. At least 33 characters: the longest lower limit of a backend. */
export type SessionId = string & { readonly __brand: 'SessionId' };
/** Id of a person: the subject of their token, verbatim. */
export type UserId = string & { readonly __brand: 'UserId' };
/** Name of a repository as people write it, `owner/name`. */
export type RepoId = string & { readonly __brand: 'RepoId' };

/** Id of one request for an approval: a ULID. */
export type RequestId = string & { readonly __brand: 'RequestId' };

const ulid = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** Whether `text` has the form of a task id. */
export function isTaskId(text: string): text is TaskId {
  return ulid.test(text);
}

/**
 * The session id of one generation of a task. Made from both alone, so that a replayed step asks for the same session.
 *
 * @param generation 1 for the first session of a task
 */
export function mintSessionId(taskId: TaskId, generation: number): SessionId {
  return `abca-session-${taskId}-g${String(generation)}` as SessionId;
}

/** What a session id was made from; `undefined` when {@link mintSessionId} did not make it. */
export function parseSessionId(text: string): { readonly taskId: TaskId; readonly generation: number } | undefined {
  const [, taskId = '', generation = ''] = /^abca-session-([^-]+)-g([1-9]\d{0,8})$/.exec(text) ?? [];
  return isTaskId(taskId) ? { taskId, generation: Number(generation) } : undefined;
}

/** The part of a task id that people see: its last eight characters, lower case. The first ones are only the time. */
export function shortTaskId(taskId: TaskId): string {
  return taskId.slice(-8).toLowerCase();
}
