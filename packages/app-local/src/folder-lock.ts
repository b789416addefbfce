import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { AbcaError } from '@abca/core';

/** Hold on a data folder. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Take a folder for this process alone. The lock is a socket in Linux's abstract namespace, named after the folder: taking
 * it is atomic, and the kernel lets go of it when the process ends in any way. A lock file would outlive a kill.
 *
 * @param holder named in the error, as far as it is known
 * @throws AbcaError DATA_FOLDER_LOCKED while another process holds it
 */
export async function lockFolder(dir: string, holder: () => string): Promise<FolderLock> {
  const name = createHash('sha256').update(realpathSync(dir)).digest('hex').slice(0, 40);
  const server = createServer((socket) => socket.destroy());
  await listen(server, `\0abca-data-folder-${name}`, () => {
    throw new AbcaError(
      'DATA_FOLDER_LOCKED',
      `another platform uses ${dir}${holder()}; stop it, or choose another folder with --data-dir`,
    );
  });
  server.unref();
  return {
    release: () =>
      new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      ),
  };
}

async function listen(server: Server, path: string, taken: () => never): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  try {
    await listening;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') taken();
    throw new AbcaError(
      'UNSUPPORTED_PLATFORM',
      `the data folder cannot be locked on ${process.platform}: ${(error as Error).message}; ABCA's local platform runs on Linux`,
      { cause: error },
    );
  }
}
