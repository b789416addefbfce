import { z } from '@hono/zod-openapi';
import { apiErrorCodes } from './http-status.ts';

/** Body of every answer that is not a success. */
export const errorWire = z
  .object({
    error: z.object({
      code: z.enum(apiErrorCodes),
      /** For people: what failed, the value, the remedy. */
      message: z.string(),
      /** The same as the header X-Request-Id; the server's log has it. */
      request_id: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  })
  .openapi('Error');
export type ErrorView = z.infer<typeof errorWire>;
