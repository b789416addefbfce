/** The public surface of `@abca/adapter-ecs`. The Inversify module is in `@abca/adapter-ecs/module`. */
export { createEcsClient } from './ecs/create-ecs-client.ts';
export { mapEcsError } from './ecs/ecs-errors.ts';
export { EcsComputeStrategy, type EcsComputeOptions } from './ecs-compute-strategy.ts';
export { type EcsSessionHandle } from './ecs-session-handle.ts';
export { type EcsComputeSettings } from './settings/compute-settings.ts';
export { type EcsSettings, type EcsSettingsInput, parseEcsSettings } from './settings/ecs-settings.ts';
export { ecsEnvironmentSchema, ecsSettingsOf } from './settings/ecs-environment.ts';
