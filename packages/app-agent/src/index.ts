/** The public surface of `@abca/app-agent`. The program itself is `main.ts`, bundled to one file for deployment. */
export { type AgentConfig, loadConfig } from './config/load-config.ts';
export { type AgentPrompt, buildPrompt } from './prompt/build-prompt.ts';
export { type HostProcess, type ProgramParts, runProgram, runToEnd } from './run-program.ts';
export type { GivenEnvironment } from './server/invocation.ts';
export { runServer, type ServerParts } from './server/run-server.ts';
export { loadServerConfig, type ServerConfig } from './server/server-config.ts';
export type { HostedSession } from './server/session-host.ts';
export { runSession } from './session/run-session.ts';
export { exitCodeOf, exitCodes, type SessionEnd } from './session/session-end.ts';
export type { Session, SessionDeps } from './session/session.ts';
export { createSessionDeps } from './container.ts';
