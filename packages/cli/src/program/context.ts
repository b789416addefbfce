import { ApiClient } from '../client/api-client.ts';
import { findConnection, type Connection } from '../client/connection.ts';
import { BottomLine } from '../io/bottom-line.ts';
import type { CliIo } from '../io/cli-io.ts';
import { createPrinter, type Printer } from '../io/printer.ts';

/** What a command works with. */
export interface CommandContext {
  readonly io: CliIo;
  /** Data, on stdout. */
  readonly out: Printer;
  /** Talk, on stderr. */
  readonly talk: Printer;
  /** What stands below all that is printed. */
  readonly bottom: BottomLine;
}

/** Flags of every command that talks to a platform. */
export interface PlatformChoice {
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
}

/** @param io the process, or a test's stand-in */
export function createContext(io: CliIo): CommandContext {
  const bottom = new BottomLine();
  const out = createPrinter(io.stdout, io.env, bottom);
  return { io, out, talk: createPrinter(io.stderr, io.env, bottom), bottom };
}

/** The platform that the flags mean. @throws CliError PLATFORM_NOT_FOUND, USAGE */
export function connectionOf({ io }: CommandContext, flags: PlatformChoice): Connection {
  return findConnection({ flags, env: io.env, cwd: io.cwd });
}

/** The flags again, for a command that is to be pasted: it has to find the same platform. A token is never printed. */
export function choiceArgs({ url, dataDir }: PlatformChoice): readonly string[] {
  return [...(url === undefined ? [] : ['--url', url]), ...(dataDir === undefined ? [] : ['--data-dir', dataDir])];
}

/** A client of the platform that the flags mean. @throws CliError PLATFORM_NOT_FOUND, USAGE */
export function clientOf(context: CommandContext, flags: PlatformChoice): ApiClient {
  return new ApiClient(connectionOf(context, flags), context.io);
}
