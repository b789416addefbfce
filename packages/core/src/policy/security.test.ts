import { describe, expect, test } from '@jest/globals';
import { limits } from '../limits.ts';
import { cedarPoliciesSchema, securitySchema } from './security.ts';

function messagesOf(result: {
  readonly error?: { readonly issues: readonly { readonly message: string }[] } | undefined;
}) {
  return result.error?.issues.map(({ message }) => message);
}

describe('cedarPoliciesSchema', () => {
  test.each([
    [{}],
    [{ hard: 'forbid (principal, action, resource);' }],
    [{ soft: '', disable: [] }],
    [{ hard: 'a', soft: 'b', disable: ['r1', 'r2'] }],
  ])('takes %j', (policies) => {
    expect(cedarPoliciesSchema.parse(policies)).toStrictEqual(policies);
  });

  test('trims ids of rules to disable', () => {
    expect(cedarPoliciesSchema.parse({ disable: [' r1\n'] })).toStrictEqual({ disable: ['r1'] });
  });

  test.each([
    [{ hrad: '' }, 'Unrecognized key: "hrad"'],
    [{ hard: 5 }, 'Invalid input: expected string, received number'],
    [{ disable: [' '] }, 'Too small: expected string to have >=1 characters'],
    [{ disable: ['x'.repeat(101)] }, 'Too big: expected string to have <=100 characters'],
    [{ disable: Array.from({ length: 101 }, () => 'r') }, 'Too big: expected array to have <=100 items'],
  ])('refuses %#', (policies, message) => {
    expect(messagesOf(cedarPoliciesSchema.safeParse(policies))).toStrictEqual([message]);
  });

  test('takes 64 KB of both tiers together, and says what is over', () => {
    const half = 'x'.repeat(limits.cedarPolicyBytes / 2);

    expect(cedarPoliciesSchema.safeParse({ hard: half, soft: half }).success).toBe(true);
    expect(messagesOf(cedarPoliciesSchema.safeParse({ hard: half, soft: `${half}x` }))).toStrictEqual([
      'holds 65537 bytes of policies; at most 65536 are taken: shorten the rules',
    ]);
  });

  test('counts bytes, not characters, and one tier alone', () => {
    const characters = 'ä'.repeat(limits.cedarPolicyBytes / 2);

    expect(cedarPoliciesSchema.safeParse({ soft: characters }).success).toBe(true);
    expect(cedarPoliciesSchema.safeParse({ hard: characters }).success).toBe(true);
    expect(messagesOf(cedarPoliciesSchema.safeParse({ soft: `${characters}ä` }))).toStrictEqual([
      'holds 65538 bytes of policies; at most 65536 are taken: shorten the rules',
    ]);
  });
});

describe('securitySchema', () => {
  test('takes all that a blueprint may say', () => {
    const security = {
      cedarPolicies: { disable: ['write_env_files'] },
      approvalGateCap: 500,
      maxPreApprovalScope: 'rule',
    };

    expect(securitySchema.parse(security)).toStrictEqual(security);
    expect(securitySchema.parse({})).toStrictEqual({});
  });

  test.each([
    [{ approvalGateCap: 0 }],
    [{ approvalGateCap: 501 }],
    [{ approvalGateCap: 1.5 }],
    [{ maxPreApprovalScope: 'this_call' }],
    [{ maxPreApprovalScope: 'everything' }],
    [{ cedarPolicies: { other: '' } }],
    [{ cedar_policies: {} }],
  ])('refuses %j', (security) => {
    expect(securitySchema.safeParse(security).success).toBe(false);
  });
});
