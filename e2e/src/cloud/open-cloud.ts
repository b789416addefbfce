import { AgentCoreCloud } from './agentcore-cloud.ts';
import type { AgentImage, Cloud } from './cloud.ts';
import { EcsCloud } from './ecs-cloud.ts';

const openers = {
  ecs: EcsCloud.open,
  agentcore: AgentCoreCloud.open,
} as const;

/** The backends that have a service of their own. */
export type CloudType = keyof typeof openers;

export const cloudTypes = Object.keys(openers) as readonly CloudType[];

/** Bring a service up on loopback. */
export function openCloud(type: CloudType, image: AgentImage, folder: string): Promise<Cloud> {
  return openers[type](image, { folder });
}
