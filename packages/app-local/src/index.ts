/** The public surface of `@abca/app-local`. */
export {
  environmentKey,
  loadPlatformConfig,
  platformConfigKeys,
  type ConfigSources,
  type PlatformConfig,
} from './platform-config.ts';
export { hasModelCredentials } from './model-source.ts';
export type { Platform, PlatformOptions } from './platform.ts';
export { startPlatform } from './start-platform.ts';
