import type { EventOwner, RepoId } from '@abca/core';
import { UlidGenerator } from '@abca/adapter-system';
import { aTask } from '@abca/core/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Append, WriterPlan } from '../programs/event-writer.ts';
import { programCommand } from '../support/programs.ts';
import type { OpenStores } from '../support/stores.ts';
import { repo } from './bundled-platform.ts';

/** A process that appends events once it is told to. */
export interface Writer {
  go(): Promise<readonly Append[]>;
  /** End a writer, whatever it does. */
  end(): void;
}

/** Start a writer. Resolves when it is connected and waits. */
export async function startWriter(plan: WriterPlan): Promise<Writer> {
  const [file, ...args] = programCommand('event-writer', JSON.stringify(plan));
  const child = spawn(file, args, {
    env: { PATH: process.env['PATH'], HOME: plan.dataDir },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await answerOf(child);
  return {
    go: async () => {
      const answer = answerOf(child);
      child.send('go');
      return (await answer) as readonly Append[];
    },
    end: () => {
      child.kill();
    },
  };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a writer ended with ${String(code)}`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
  return message;
}

/** A task on the platform's tables that no workflow drives: its log is the bench's own. */
export async function createBareTask({ tasks, user }: OpenStores): Promise<EventOwner> {
  const owner = { taskId: new UlidGenerator().newTaskId(), userId: user, repo: repo as RepoId };
  await tasks.create({
    task: aTask({ ...owner, status: 'SUBMITTED' }),
    events: [{ eventType: 'task_created', metadata: { repo, task_type: 'new_task' } }],
  });
  return owner;
}

/** Milliseconds between two moments of the machine's monotonic clock. */
export function betweenMs(fromNs: string | bigint, toNs: string | bigint): number {
  return Number(BigInt(toNs) - BigInt(fromNs)) / 1e6;
}
