import { exitCodes } from './errors/cli-error.ts';
import { processIo } from './program/process-io.ts';
import { runCli } from './program/run-cli.ts';

// A reader that has seen enough (`| head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.error);
  });
}

// Started through a launcher that has died: end as if it had been asked to.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

const exitCode = await runCli(process.argv.slice(2), processIo());
// What was written is flushed first; sockets that are kept alive must not hold the process.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
