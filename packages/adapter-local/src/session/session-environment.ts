import type { SessionFolder } from './session-folder.ts';

/** Variable that marks every process of a session. What the agent starts inherits it. */
export const sessionMarker = 'ABCA_SESSION_ID';

/** Variable that names the agent's working folder. It is also the folder it is started in. */
export const workspaceVariable = 'ABCA_WORKSPACE_DIR';

/**
 * The whole environment of a session: nothing of the platform's own is inherited.
 *
 * @param given of the task, over `extra` of the platform; neither can change what makes the session its own
 */
export function sessionEnvironment(session: {
  readonly sessionId: string;
  readonly folder: SessionFolder;
  readonly pathEnv: string;
  readonly extra: Readonly<Record<string, string>>;
  readonly given: Readonly<Record<string, string>>;
}): Record<string, string> {
  return {
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    ...session.extra,
    ...session.given,
    PATH: session.pathEnv,
    HOME: session.folder.home,
    TMPDIR: session.folder.tmp,
    [workspaceVariable]: session.folder.workspace,
    [sessionMarker]: session.sessionId,
  };
}
