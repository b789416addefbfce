import { createJsonLogger, type LogLevel } from '@abca/core';
import { exitCodes, type ExitCode } from '../errors/cli-error.ts';
import type { LocalPlatform, PlatformFlags } from '../platform/local-platform.ts';
import type { CommandContext } from '../program/context.ts';

export interface UpFlags extends PlatformFlags {
  readonly logLevel: LogLevel;
}

/** Run a platform until Ctrl-C: in order at the first, at once at the second. Its address is the data. */
export async function runUp(context: CommandContext, flags: UpFlags): Promise<ExitCode> {
  const { io, out, talk } = context;
  const { logLevel, ...platformFlags } = flags;
  const local = await io.loadLocal();
  const config = local.loadPlatformConfig({ flags: platformFlags, env: io.env, cwd: io.cwd });
  if (config.modelScript !== undefined) {
    const { checkScript } = await import('./check-script.ts');
    await checkScript(config.modelScript);
  }
  const logger = createJsonLogger((line) => void io.stderr.write(`${line}\n`), { clock: io, level: logLevel });
  const stopping = new StopOnInterrupt(context);
  try {
    const platform = await local.startPlatform(config, { env: io.env, logger });
    out.say(platform.url);
    talk.say(`model ${platform.modelLabel} · data in ${platform.dataDir} · Ctrl-C ends it`, 'dim');
    if (!local.hasModelCredentials(io.env) && config.modelScript === undefined) {
      talk.say(
        'the scripted model has no script, so tasks change nothing: set ANTHROPIC_API_KEY, or give --model-script',
        'dim',
      );
    }
    const broken = await Promise.race([stopping.interrupted, platform.failed]);
    if (broken !== undefined) {
      await platform.stop('now');
      throw broken;
    }
    await stopping.stop(platform);
    return exitCodes.ok;
  } finally {
    stopping.release();
  }
}

/** Ctrl-C, counted from before the platform is up: one that comes too early is not lost. */
export class StopOnInterrupt {
  readonly #talk: CommandContext['talk'];
  readonly #first = Promise.withResolvers<undefined>();
  readonly #second = Promise.withResolvers<undefined>();
  #count = 0;
  /** Stops listening. */
  readonly release: () => void;

  constructor({ io, talk }: Pick<CommandContext, 'io' | 'talk'>) {
    this.#talk = talk;
    this.release = io.onInterrupt(() => {
      this.#count += 1;
      if (this.#count === 1) this.#first.resolve(undefined);
      else this.#second.resolve(undefined);
    });
  }

  /** Wait for the first Ctrl-C, then end `platform`. Resolves when it has ended. */
  async stop(platform: LocalPlatform): Promise<void> {
    await this.#first.promise;
    this.#talk.say('stopping in order; Ctrl-C again ends it at once', 'dim');
    await this.end(platform);
  }

  /** End `platform` in order, or at once when Ctrl-C comes (again) meanwhile. */
  async end(platform: LocalPlatform): Promise<void> {
    const now = this.#second.promise.then(() => platform.stop('now'));
    await Promise.race([platform.stop('graceful'), now]);
  }

  /** Resolves at the first Ctrl-C. */
  get interrupted(): Promise<undefined> {
    return this.#first.promise;
  }
}
