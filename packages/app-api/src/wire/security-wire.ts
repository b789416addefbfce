import { fromWire, securitySchema, type Security } from '@abca/core';
import { z } from '@hono/zod-openapi';
import { snakeShape } from './snake-shape.ts';

/** What a blueprint says of security, and the body of `PUT /v1/repos/{owner}/{name}/policies`. */
export const securityWire = z.strictObject(snakeShape(securitySchema.shape)).openapi('Security');
export type SecurityBody = z.input<typeof securityWire>;

/** The domain form of a checked body. Cedar texts and rule ids are values, which stay as they came. */
export function toSecurity(security: z.output<typeof securityWire>): Security {
  return fromWire(security) as Security;
}
