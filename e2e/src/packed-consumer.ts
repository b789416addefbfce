import { createEcsClient, EcsComputeStrategy, type EcsSessionHandle } from '@abca/adapter-ecs';
import type { ComputeType, SessionHandle } from '@abca/core';
import { clock, ecsUrl, roundTrip, settings } from './packed-round-trip.ts';

/** A program of somebody who has two npm packages and no container: compiled and run in a folder outside the workspace. */

export const type: ComputeType = 'ecs';
// @ts-expect-error no package adds this one: the union is closed
export const other: ComputeType = 'nowhere';
export const handleOf = (handle: SessionHandle & { readonly strategyType: 'ecs' }): EcsSessionHandle => handle;

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
const client = createEcsClient({ endpoint: ecsUrl, region: 'us-east-1', credentials });
await roundTrip(new EcsComputeStrategy({ settings, client: () => client, clock }));
client.destroy();
