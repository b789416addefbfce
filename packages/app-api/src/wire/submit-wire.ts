import { fromWire, submitCommandSchema, type SubmitCommand } from '@abca/core';
import { z } from '@hono/zod-openapi';
import { snakeShape } from './snake-shape.ts';

/** Body of `POST /v1/tasks`: core's submit command. Unknown fields are refused. */
export const submitWire = z.strictObject(snakeShape(submitCommandSchema.shape)).openapi('SubmitTask');
/** What a client sends; fields with a default may be left out. */
export type SubmitBody = z.input<typeof submitWire>;

/** The command of a checked body. */
export function toSubmitCommand(body: z.output<typeof submitWire>): SubmitCommand {
  return fromWire(body) as SubmitCommand;
}
