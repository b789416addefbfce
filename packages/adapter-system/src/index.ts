/** The public surface of `@abca/adapter-system`. The Inversify module is in `@abca/adapter-system/module`. */
export { SystemClock } from './system-clock.ts';
export { UlidGenerator } from './ulid-generator.ts';
