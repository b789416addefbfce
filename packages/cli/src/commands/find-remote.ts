import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TaskView } from '../client/wire-types.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { Remote } from '../render/look-command.ts';

/** Where the work of `task` lies. `undefined` when its repository has been removed meanwhile. */
export async function findRemote(client: ApiClient, task: TaskView): Promise<Remote | undefined> {
  if (task.receipt === undefined) return undefined;
  try {
    const { clone_url } = await client.getRepo(task.repo);
    return remoteOf(clone_url);
  } catch {
    // The receipt itself is what counts; it is shown without the command.
    return undefined;
  }
}

/** The remote behind an address, as it is seen from this machine. */
export function remoteOf(cloneUrl: string): Remote {
  const path = cloneUrl.startsWith('file:') ? fileURLToPath(cloneUrl) : cloneUrl;
  if (!path.startsWith('/') || !existsSync(path)) return { kind: 'url', url: cloneUrl };
  const isBare = existsSync(join(path, 'HEAD')) && existsSync(join(path, 'objects'));
  return { kind: isBare ? 'bare' : 'folder', path };
}
