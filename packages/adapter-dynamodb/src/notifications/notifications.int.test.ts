import type { UserId } from '@abca/core';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import { useTestDatabase } from '../database.test-kit.ts';

const database = useTestDatabase();
const ann = 'ann' as UserId;

test('settings lie in the table with names as all items have them', async () => {
  const { notificationSettings, tables } = await database.install();
  const settings = { slack: { conversation: 'C0SHOP', min_severity: 'low' } };
  await database.client.send(
    new PutCommand({ TableName: tables.notificationSettings, Item: { user_id: 'ann', settings } }),
  );

  expect(await notificationSettings.get(ann)).toStrictEqual({ slack: { conversation: 'C0SHOP', minSeverity: 'low' } });
});

test('settings that are not as they were written are told with their owner and the field', async () => {
  const { notificationSettings, tables } = await database.install();
  const item = { user_id: 'ann', settings: { slack: { conversation: '#general' } } };
  await database.client.send(new PutCommand({ TableName: tables.notificationSettings, Item: item }));

  await expect(notificationSettings.get(ann)).rejects.toMatchObject({
    code: 'STORE_CORRUPT',
    message: expect.stringContaining('notification settings of ann'),
    details: { paths: ['settings.slack.conversation'] },
  });
});

test('a link to nobody decides for nobody', async () => {
  const { identityLinks, tables } = await database.install();
  await database.client.send(
    new PutCommand({ TableName: tables.slackUsers, Item: { slack_user_id: 'U0ANN', user_id: '' } }),
  );

  await expect(identityLinks.find('U0ANN')).rejects.toMatchObject({
    code: 'STORE_CORRUPT',
    details: { paths: ['user_id'] },
  });
});
