import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import { describe, expect, test } from '@jest/globals';
import { TurnTracker } from './turn-tracker.ts';

const aMessage = (fields: object): SDKMessage => ({ parent_tool_use_id: null, ...fields }) as unknown as SDKMessage;
const stream = (type: string): SDKMessage => aMessage({ type: 'stream_event', event: { type } });
const assistant = (id: string, content: unknown, more = {}): SDKMessage =>
  aMessage({ type: 'assistant', message: { id, model: 'm', content }, ...more });
const results = (...content: unknown[]): SDKMessage => aMessage({ type: 'user', message: { content } });
const call = (id: string): object => ({ type: 'tool_use', id, name: 'Bash', input: {} });

function takeAll(tracker: TurnTracker, messages: readonly SDKMessage[]): unknown[] {
  return messages.flatMap((message) => tracker.take(message));
}

describe('TurnTracker', () => {
  test('tells a streamed answer as one turn, once it is complete', () => {
    const tracker = new TurnTracker();

    const early = takeAll(tracker, [
      stream('message_start'),
      assistant('1', [{ type: 'text', text: 'a' }]),
      assistant('1', [call('t1')]),
      assistant('1', [call('t2'), { type: 'text', text: 'b' }]),
    ]);
    const late = takeAll(tracker, [stream('message_stop')]);

    expect(early).toStrictEqual([]);
    expect(late).toStrictEqual([{ kind: 'turn', turn: 1, model: 'm', text: 'a\nb', toolCalls: 2 }]);
    expect(tracker.find('t2')).toStrictEqual({ toolUseId: 't2', toolName: 'Bash', input: {}, turn: 1 });
  });

  test('tells an answer that was not streamed when the next thing comes', () => {
    const tracker = new TurnTracker();

    const events = takeAll(tracker, [
      assistant('1', [call('t1')]),
      results({
        type: 'tool_result',
        tool_use_id: 't1',
        content: [{ type: 'text', text: 'x' }, { type: 'image' }],
        is_error: true,
      }),
      assistant('2', 'all done'),
      aMessage({ type: 'result' }),
    ]);

    expect(events).toMatchObject([
      { kind: 'turn', turn: 1, toolCalls: 1 },
      { kind: 'tool_result', isError: true, content: 'x\n[image]', call: { toolUseId: 't1' } },
      { kind: 'turn', turn: 2, text: 'all done' },
    ]);
    expect(tracker.hasResult('t1')).toBe(true);
  });

  test('tells a result once, and none of a call it does not know', () => {
    const tracker = new TurnTracker();
    const result = results({ type: 'tool_result', tool_use_id: 't1', content: 'x' });

    const events = takeAll(tracker, [
      assistant('1', [call('t1')]),
      result,
      result,
      results({ type: 'tool_result', tool_use_id: 'other' }),
    ]);

    expect(events).toHaveLength(2);
  });

  test('counts neither what a sub-agent says nor what the SDK says in place of the model', () => {
    const tracker = new TurnTracker();

    const events = takeAll(tracker, [
      assistant('1', 'sub', { parent_tool_use_id: 't0' }),
      assistant('2', 'API Error', { error: 'overloaded' }),
      aMessage({ type: 'assistant', message: { id: '3', model: '<synthetic>', content: 'No response' } }),
    ]);

    expect(events).toStrictEqual([]);
    expect(tracker.turns).toBe(0);
  });

  test('tells the start and each retry, after which no answer is arriving', () => {
    const tracker = new TurnTracker();

    const events = takeAll(tracker, [
      aMessage({ type: 'system', subtype: 'init', model: 'm' }),
      stream('message_start'),
      aMessage({ type: 'system', subtype: 'api_retry', attempt: 1, error_status: 529, error: 'overloaded' }),
      aMessage({ type: 'system', subtype: 'other' }),
    ]);

    expect(events).toStrictEqual([
      { kind: 'started', model: 'm' },
      { kind: 'retry', attempt: 1, status: 529, error: 'overloaded' },
    ]);
    expect(tracker.isStreaming).toBe(false);
  });
});
