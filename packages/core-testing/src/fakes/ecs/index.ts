export { FakeEcs, type EcsCall, type FakeEcsOptions } from './fake-ecs.ts';
export {
  type ContainerExit,
  type ContainerLauncher,
  type ContainerSpec,
  type LaunchedContainer,
} from './container-launcher.ts';
export { type EcsContainerDefinition, type EcsTaskDefinition, type EcsTaskDefinitionInput } from './ecs-definitions.ts';
export { EcsFault } from './ecs-errors.ts';
export { type EcsOperation, type EcsTrouble, type HeldCall } from './ecs-faults.ts';
export { type EcsContainerState, type EcsStop, type EcsTask, type EcsTaskStatus } from './ecs-task.ts';
export { ProcessLauncher, type ProcessLauncherOptions } from './process-launcher.ts';
