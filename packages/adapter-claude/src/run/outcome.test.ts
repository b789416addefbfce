import type { SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';
import { describe, expect, test } from '@jest/globals';
import { describeReason, interpretResult, sumTokens } from './outcome.ts';

const result = (fields: object): SDKResultMessage =>
  ({ type: 'result', errors: [], ...fields }) as unknown as SDKResultMessage;

describe('interpretResult()', () => {
  test.each([
    [
      { subtype: 'success', is_error: false, result: 'done' },
      { kind: 'finished', summary: 'done' },
    ],
    [
      { subtype: 'success', is_error: true, result: 'API Error: 529' },
      { kind: 'failed', code: 'MODEL_UNAVAILABLE', message: 'API Error: 529' },
    ],
    [{ subtype: 'error_max_turns' }, { kind: 'turn_cap' }],
    [{ subtype: 'error_max_budget_usd' }, { kind: 'budget_cap' }],
    [
      { subtype: 'error_during_execution', errors: ['a', 'b'] },
      { kind: 'failed', code: 'AGENT_FAILED', message: 'a; b' },
    ],
    [
      { subtype: 'error_max_structured_output_retries' },
      { kind: 'failed', code: 'AGENT_FAILED', message: 'error_max_structured_output_retries' },
    ],
  ])('takes %j for %j', (message, end) => {
    expect(interpretResult(result(message))).toStrictEqual(end);
  });

  test('takes a result that it does not know for a failure', () => {
    expect(interpretResult(result({ subtype: 'new' }))).toMatchObject({ kind: 'failed', code: 'AGENT_FAILED' });
  });
});

describe('sumTokens()', () => {
  test('adds all models and counts the cache as input', () => {
    const used = { inputTokens: 1, outputTokens: 2, cacheReadInputTokens: 10, cacheCreationInputTokens: 100 };

    expect(sumTokens({ a: used, b: used } as never)).toStrictEqual({ inputTokens: 222, outputTokens: 4 });
  });
});

describe('describeReason()', () => {
  test('shows the message of an error and the text of anything else', () => {
    expect([describeReason(new Error('why')), describeReason('so'), describeReason(undefined)]).toStrictEqual([
      'why',
      'so',
      'undefined',
    ]);
  });
});
