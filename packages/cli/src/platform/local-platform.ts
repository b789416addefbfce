import type { AbcaError, Logger } from '@abca/core';

/** A platform that runs in this process. */
export interface LocalPlatform {
  /** Address of its HTTP API. */
  readonly url: string;
  readonly token: string;
  readonly dataDir: string;
  /** How people are told which model is in use. */
  readonly modelLabel: string;
  /** Resolves when a part of it has ended by itself and the rest is of no use. Settles at a stop, too. */
  readonly failed: Promise<AbcaError>;
  /** `graceful`: sessions save their work first; `now`: everything ends at once. May be repeated. */
  stop(mode: 'graceful' | 'now'): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What connects the platform with GitHub, Slack and e-mail. The secrets have no flag: a flag shows in the list of processes. */
export interface ChannelFlags {
  readonly githubUrl?: string;
  readonly githubAppId?: number;
  /** File of the app's private key. */
  readonly githubAppKey?: string;
  readonly slackUrl?: string;
  readonly smtp?: string;
  readonly emailFrom?: string;
  readonly publicUrl?: string;
}

/** The settings that commands set by flag; the rest of `@abca/app-local`'s configuration passes through untouched. */
export interface PlatformFlags extends ChannelFlags {
  readonly dataDir?: string;
  readonly host?: string;
  readonly port?: number;
  readonly token?: string;
  readonly modelScript?: string;
  readonly stopGraceMs?: number;
  readonly ownSessions?: boolean;
}

/** What is read of a platform's configuration here. */
export interface LocalConfig {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly modelScript?: string | undefined;
}

/** The part of `@abca/app-local` that commands use. */
export interface LocalPlatformModule<Config extends LocalConfig = LocalConfig> {
  /** Flags over environment over `abca.json`. @throws AbcaError CONFIG_INVALID with every problem at once */
  loadPlatformConfig(sources: {
    readonly flags?: PlatformFlags;
    readonly env: Environment;
    readonly cwd: string;
  }): Config;
  startPlatform(
    config: Config,
    options: { readonly env: Environment; readonly logger: Logger },
  ): Promise<LocalPlatform>;
  /** Whether the environment asks for a real model. */
  hasModelCredentials(env: Environment): boolean;
}
