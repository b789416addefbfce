/** The public surface of `@abca/app-agent`. The program itself is `main.ts`, bundled to one file for deployment. */
export { type AgentConfig, loadConfig } from './config/load-config.ts';
export { type AgentPrompt, buildPrompt } from './prompt/build-prompt.ts';
export { type HostProcess, type ProgramParts, runProgram } from './run-program.ts';
export { runSession } from './session/run-session.ts';
export { exitCodeOf, exitCodes, type SessionEnd } from './session/session-end.ts';
export type { Session, SessionDeps } from './session/session.ts';
export { createSessionDeps } from './container.ts';
