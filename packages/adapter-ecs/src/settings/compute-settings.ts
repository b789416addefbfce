import { AbcaError } from '@abca/core';
import * as z from 'zod';
import { problemsOf } from './problems-of.ts';

const gib = 1_024;
const range = (from: number, to: number, step: number): readonly number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);

/**
 * Memory in MiB that Fargate has for so many CPU units.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
const memoryByCpu: Readonly<Record<number, readonly number[]>> = {
  256: [512, gib, 2 * gib],
  512: range(gib, 4 * gib, gib),
  1024: range(2 * gib, 8 * gib, gib),
  2048: range(4 * gib, 16 * gib, gib),
  4096: range(8 * gib, 30 * gib, gib),
  8192: range(16 * gib, 60 * gib, 4 * gib),
  16384: range(32 * gib, 120 * gib, 8 * gib),
};

const computeSettingsSchema = z
  .strictObject({
    /** CPU units, 1024 for one vCPU. */
    cpu: z.number().optional(),
    /** MiB. */
    memory: z.number().optional(),
    /** GiB. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html */
    ephemeralStorage: z.number().int().min(21).max(200).optional(),
  })
  .superRefine(({ cpu, memory }, context) => {
    if (cpu === undefined && memory === undefined) return;
    if (cpu === undefined || memory === undefined) {
      context.addIssue({ code: 'custom', message: 'cpu and memory go together: Fargate has sizes of both' });
      return;
    }
    const memories = memoryByCpu[cpu];
    if (memories?.includes(memory) === true) return;
    const message =
      memories === undefined
        ? `Fargate has no ${String(cpu)} CPU units; use one of ${Object.keys(memoryByCpu).join(', ')}`
        : `Fargate has no ${String(memory)} MiB for ${String(cpu)} CPU units; use one of ${memories.join(', ')}`;
    context.addIssue({ code: 'custom', path: [memories === undefined ? 'cpu' : 'memory'], message });
  });

/** What a blueprint may say of compute besides its type: the size of the task. Without it, that of the task definition. */
export type EcsComputeSettings = z.output<typeof computeSettingsSchema>;

/** @throws AbcaError SESSION_START_FAILED with every problem: a typing error must not start a task of another size */
export function parseComputeSettings(compute: Readonly<Record<string, unknown>>): EcsComputeSettings {
  const parsed = computeSettingsSchema.safeParse(compute);
  if (parsed.success) return parsed.data;
  throw new AbcaError(
    'SESSION_START_FAILED',
    `compute settings are not valid for ecs: ${problemsOf(parsed.error, 'compute')}; correct the blueprint`,
  );
}
