import * as z from 'zod';
import { limits } from '../limits.ts';
import { preApprovalBreadths } from './approval-scope.ts';

/**
 * Cedar texts of a repository next to the built-in rules. Their size is checked here, their meaning by whoever loads them:
 * API and agent read them with the same code.
 */
export const cedarPoliciesSchema = z
  .strictObject({
    /** Rules with `@tier("hard")`: no approval allows what they forbid. */
    hard: z.string().optional(),
    /** Rules with `@tier("soft")`: a person is asked. */
    soft: z.string().optional(),
    /** Ids of soft rules, built-in ones among them, that do not apply. */
    disable: z.array(z.string().trim().min(1).max(100)).max(100).optional(),
  })
  .check(({ value, issues }) => {
    const bytes = new TextEncoder().encode(`${value.hard ?? ''}${value.soft ?? ''}`).length;
    if (bytes <= limits.cedarPolicyBytes) return;
    issues.push({
      code: 'custom',
      input: bytes,
      message: `holds ${String(bytes)} bytes of policies; at most ${String(limits.cedarPolicyBytes)} are taken: shorten the rules`,
    });
  });
export type CedarPolicies = z.infer<typeof cedarPoliciesSchema>;

/** What a blueprint says of security. */
export const securitySchema = z.strictObject({
  cedarPolicies: cedarPoliciesSchema.optional(),
  /** Most approvals one task may ask for. */
  approvalGateCap: z.number().int().min(limits.approvalGateCap.min).max(limits.approvalGateCap.max).optional(),
  /** The widest scope that a task may be given in advance. */
  maxPreApprovalScope: z.enum(preApprovalBreadths).optional(),
});
export type Security = z.infer<typeof securitySchema>;
