/** The public surface of `@abca/cli`: the command line as a function, and its renderers. */
export { type CliIo, type LineQuestion, type OutputStream, type PromptLine } from './io/cli-io.ts';
export { cliErrorCodes, CliError, exitCodes, type ExitCode } from './errors/cli-error.ts';
export { type LocalPlatform, type LocalPlatformModule } from './platform/local-platform.ts';
export { runCli } from './program/run-cli.ts';
export { processIo } from './program/process-io.ts';
export { type DemoRepo, makeDemoRepo } from './demo/make-demo-repo.ts';
export { demoScript } from './demo/demo-script.ts';
export { type Remote, lookCommand } from './render/look-command.ts';
export { receiptLines } from './render/receipt-lines.ts';
export { watchLines } from './render/watch-lines.ts';
