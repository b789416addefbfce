/** The words that start this program, as whoever started it would type them: what is printed works when pasted. */
export function selfCommand(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return env['npm_lifecycle_event'] === undefined ? ['bgagent'] : ['npm', 'run', '--silent', 'bgagent', '--'];
}
