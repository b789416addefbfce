import { describe, expect, test } from '@jest/globals';
import { redactRequest, redactTexts } from './redact-request.ts';

const redact = (text: string): string => text.replaceAll('secret', '***');
const text = (value: string): object => ({ type: 'text', text: value });

describe('redactRequest()', () => {
  test('redacts results of tools in each of their forms, and reminders', () => {
    const body = {
      model: 'm',
      messages: [
        { role: 'user', content: [text('<system-reminder>secret</system-reminder>'), text('keep the secret')] },
        { role: 'assistant', content: [{ type: 'tool_use', id: '1', input: { command: 'echo secret' } }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: '1', content: 'a secret' },
            { type: 'tool_result', tool_use_id: '2', content: [text('b secret'), { type: 'image', source: {} }] },
            { type: 'tool_result', tool_use_id: '3' },
          ],
        },
        { role: 'system', content: 'context: secret' },
      ],
    };

    expect(redactRequest(body, 'keep the secret', redact)).toStrictEqual({
      model: 'm',
      messages: [
        { role: 'user', content: [text('<system-reminder>***</system-reminder>'), text('keep the secret')] },
        body.messages[1],
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: '1', content: 'a ***' },
            { type: 'tool_result', tool_use_id: '2', content: [text('b ***'), { type: 'image', source: {} }] },
            { type: 'tool_result', tool_use_id: '3', content: undefined },
          ],
        },
        { role: 'system', content: 'context: ***' },
      ],
    });
  });

  test('hides what it cannot scan', () => {
    const broken = (): string => {
      throw new Error('scanner broken');
    };

    expect(redactRequest({ messages: [{ role: 'user', content: 'secret' }] }, '', broken)).toStrictEqual({
      messages: [{ role: 'user', content: '[REDACTED: the text could not be scanned]' }],
    });
  });

  test.each([[null], ['text'], [{}], [{ messages: 'none' }], [{ messages: [null, { role: 'user', content: [7] }] }]])(
    'leaves %j as it is',
    (body) => {
      expect(redactRequest(body, '', redact)).toStrictEqual(body);
    },
  );
});

describe('redactTexts()', () => {
  test('redacts every text and leaves data, numbers and keys', () => {
    const value = {
      stdout: 'secret',
      lines: ['secret', 1, null],
      file: { base64: 'secret', name: 'secret' },
      source: { type: 'base64', data: 'secret' },
      data: 'secret',
    };

    expect(redactTexts(value, redact)).toStrictEqual({
      stdout: '***',
      lines: ['***', 1, null],
      file: { base64: 'secret', name: '***' },
      source: { type: 'base64', data: 'secret' },
      data: '***',
    });
  });
});
