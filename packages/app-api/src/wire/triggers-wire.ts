import { triggersSchema } from '@abca/core';
import { z } from '@hono/zod-openapi';
import { snakeShape } from './snake-shape.ts';

/** What starts tasks on the forge, and as whom. Without `run_as` it is who adds the repository. */
export const triggersWire = z
  .strictObject({ ...snakeShape(triggersSchema.shape), run_as: triggersSchema.shape.runAs.optional() })
  .openapi('Triggers');
