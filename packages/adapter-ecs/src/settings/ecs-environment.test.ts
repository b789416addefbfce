import { describe, expect, test } from '@jest/globals';
import { ecsSettingsOf } from './ecs-environment.ts';
import { parseEcsSettings } from './ecs-settings.ts';

const environment = {
  ABCA_ECS_CLUSTER_ARN: 'arn:aws:ecs:us-east-1:123456789012:cluster/abca',
  ABCA_ECS_TASK_DEFINITION: 'abca-agent:7',
  ABCA_ECS_CONTAINER_NAME: 'agent',
  ABCA_ECS_SUBNETS: 'subnet-1, subnet-2',
  ABCA_ECS_SECURITY_GROUPS: 'sg-1',
};

describe('ecsSettingsOf()', () => {
  test('is nothing where the environment names nothing of ECS', () => {
    expect(ecsSettingsOf({ PATH: '/bin', ABCA_ECS_SUBNETS: '' })).toBeUndefined();
  });

  test('is the whole of the settings', () => {
    expect(parseEcsSettings(ecsSettingsOf(environment)!)).toStrictEqual({
      clusterArn: environment.ABCA_ECS_CLUSTER_ARN,
      taskDefinition: 'abca-agent',
      containerName: 'agent',
      subnets: ['subnet-1', 'subnet-2'],
      securityGroups: ['sg-1'],
    });
  });

  test.each(Object.keys(environment))('refuses an environment that lacks %s alone, by its name', (name) => {
    expect(() => ecsSettingsOf({ ...environment, [name]: undefined })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(name) }),
    );
  });
});
