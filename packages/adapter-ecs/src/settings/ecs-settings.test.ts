import { describe, expect, test } from '@jest/globals';
import { someSettings } from '../ecs-world.test-kit.ts';
import { familyOf, parseEcsSettings, type EcsSettingsInput } from './ecs-settings.ts';

describe('parseEcsSettings()', () => {
  test('takes lists, and text as of an environment variable: trimmed, without empty entries (R16)', () => {
    const subnets = [' subnet-1', 'subnet-2 ', ' ', ''];
    const parsed = parseEcsSettings({
      clusterArn: ` ${someSettings.clusterArn} `,
      taskDefinition: ' abca-agent:7 ',
      containerName: ' agent ',
      subnets,
      securityGroups: ' sg-1, sg-2 ,, ',
    });

    expect(parsed).toStrictEqual({
      clusterArn: someSettings.clusterArn,
      taskDefinition: 'abca-agent',
      containerName: 'agent',
      subnets: ['subnet-1', 'subnet-2'],
      securityGroups: ['sg-1', 'sg-2'],
    });
  });

  test.each(['clusterArn', 'taskDefinition', 'containerName', 'subnets', 'securityGroups'] as const)(
    'needs %s: all of it or nothing (R9)',
    (field) => {
      const { [field]: _left, ...rest } = someSettings;

      expect(() => parseEcsSettings(rest as EcsSettingsInput)).toThrow(
        expect.objectContaining({
          code: 'CONFIG_INVALID',
          message: expect.stringMatching(`^settings of ecs are not valid: ${field}: `),
        }),
      );
    },
  );

  test.each([
    ['clusterArn', 'abca', 'must be the ARN of a cluster'],
    ['clusterArn', 'x arn:aws:ecs:us-east-1:123456789012:cluster/abca', 'must be the ARN'],
    ['clusterArn', 'arn:aws:ecs:us-east-1:123456789012:cluster/a b', 'must be the ARN'],
    ['clusterArn', 'arn:aws:ecs:us-east-1:12345:cluster/abca', 'must be the ARN'],
    ['taskDefinition', '', 'must be 1 to 255 letters'],
    ['taskDefinition', 'a b', 'must be 1 to 255'],
    ['taskDefinition', 'a'.repeat(256), 'must be 1 to 255'],
    ['containerName', '', 'must be 1 to 255'],
    ['subnets', ' , ', 'expected array to have >=1 items'],
    ['subnets', 'vpc-1', 'must be an id of the form subnet-…'],
    ['subnets', 'subnet-1;subnet-2', 'must be an id of the form subnet-…'],
    ['subnets', 'a-subnet-1', 'must be an id of the form subnet-…'],
    ['subnets', Array.from({ length: 17 }, (_, n) => `subnet-${String(n)}`), 'expected array to have <=16 items'],
    ['securityGroups', [], 'expected array to have >=1 items'],
    ['securityGroups', 'subnet-1', 'must be an id of the form sg-…'],
    ['securityGroups', 'sg-1,sg-2,sg-3,sg-4,sg-5,sg-6', 'expected array to have <=5 items'],
    ['unknown', 'x', 'Unrecognized key'],
  ])('refuses %s = %j', (field, value, problem) => {
    expect(() => parseEcsSettings({ ...someSettings, [field]: value })).toThrow(problem);
  });

  test('says where in a list the problem is, and that there are no settings at all', () => {
    expect(() => parseEcsSettings({ ...someSettings, subnets: ['subnet-1', 'x'] })).toThrow(
      'valid: subnets.1: must be',
    );
    expect(() => parseEcsSettings(undefined as unknown as EcsSettingsInput)).toThrow('valid: settings: ');
  });

  test('tells every problem at once', () => {
    expect(() => parseEcsSettings({ ...someSettings, clusterArn: 'x', subnets: '' })).toThrow(
      /clusterArn: .*; subnets: /,
    );
  });

  test('takes the ARN of a cluster in any partition', () => {
    const clusterArn = 'arn:aws-us-gov:ecs:us-gov-west-1:123456789012:cluster/a_b-C';

    expect(parseEcsSettings({ ...someSettings, clusterArn }).clusterArn).toBe(clusterArn);
  });
});

describe('familyOf()', () => {
  test.each([
    ['abca-agent', 'abca-agent'],
    ['abca-agent:12', 'abca-agent'],
    ['arn:aws:ecs:eu-west-1:123456789012:task-definition/abca-agent:12', 'abca-agent'],
    ['arn:aws:ecs:eu-west-1:123456789012:task-definition/abca-agent', 'abca-agent'],
    ['abca-agent:latest', 'abca-agent:latest'],
    ['v:1:2', 'v:1'],
    ['my-arn:aws:task-definition/x', 'my-arn:aws:task-definition/x'],
  ])('%s is of the family %s', (name, family) => {
    expect(familyOf(name)).toBe(family);
  });
});
