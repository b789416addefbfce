import type { Reply } from './interpret.ts';

/** A request body of the Messages API, for tests. */
export function aRequest(messages: readonly unknown[], extra: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    model: 'some-model',
    max_tokens: 1000,
    stream: true,
    tools: [{ name: 'Bash' }],
    system: 'You work.\n - Primary working directory: /work/space\n - Platform: linux',
    metadata: { user_id: 'session-1' },
    messages,
    ...extra,
  };
}

/** A message of the person. */
export const user = (text: string): unknown => ({ role: 'user', content: [{ type: 'text', text }] });

/** What the client sends back after it ran the tools of `reply`. */
export function toolResults(reply: Reply, content: string, isError = false): unknown[] {
  const calls = reply.blocks.filter((block) => block.type === 'tool_use');
  return [
    { role: 'assistant', content: reply.blocks },
    {
      role: 'user',
      content: calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content, is_error: isError })),
    },
  ];
}
