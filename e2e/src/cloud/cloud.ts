import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudSpec } from './cloud-spec.ts';

/** Programs that stand for the agent's image. */
export interface AgentImage {
  /** Runs the one session of its environment. */
  readonly batch: readonly [string, ...string[]];
  /** Serves the session that it is told of over HTTP. */
  readonly server: readonly [string, ...string[]];
}

/** A session as its service shows it. */
export interface CloudSession {
  readonly sessionId: string;
  readonly running: boolean;
}

/** What a service does wrong, the next time it is asked. */
export type CloudTrouble =
  /** The start is carried out, and nobody hears of it. */
  | 'start_unanswered'
  /** The stop is refused. */
  | 'stop_refused'
  /** Access to the state of a session is denied. Nothing to deny where there is no such call. */
  | 'poll_denied'
  /** The container of a session does not come up. */
  | 'container_broken';

/** A backend on AWS as its fake, in the process of the test: sessions in it do not end with a platform. */
export interface Cloud {
  readonly spec: CloudSpec;
  /** What an operator does once, from outside: tell the containers of the account what they cannot be told by a start. */
  deploy(environment: Readonly<Record<string, string>>): void;
  /** Every session that there ever was, a later environment of the same one again. */
  sessions(): readonly CloudSession[];
  trouble(kind: CloudTrouble, times?: number): void;
  close(): Promise<void>;
}

/** What the containers of a local platform have to know besides their session: the model and the key of the tables. */
export function containerEnvironment(dataDir: string): Readonly<Record<string, string>> {
  const { ports } = readJson<{ ports: { model: number } }>(join(dataDir, 'platform.json'));
  const { accessKeyId } = readJson<{ accessKeyId: string }>(join(dataDir, 'secrets.json'));
  return {
    ABCA_SCRIPTED_MODEL_URL: `http://127.0.0.1:${String(ports.model)}`,
    ABCA_ACCESS_KEY_ID: accessKeyId,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'unused',
  };
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
