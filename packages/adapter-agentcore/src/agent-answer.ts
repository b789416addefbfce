import * as z from 'zod';

const answerSchema = z.discriminatedUnion('accepted', [
  z.object({ accepted: z.literal(true), session_id: z.string() }),
  z.object({ accepted: z.literal(false), error: z.object({ code: z.string(), message: z.string() }).optional() }),
]);

/** The agent server answered, and not as it must: its container is not the one that was deployed for this. */
export class AgentAnswerError extends Error {
  override readonly name = 'AgentAnswerError';
}

/** How many characters of an answer that is not understood are shown. */
const shownChars = 200;

/** @throws AgentAnswerError unless `text` says that the agent took the session */
export function assertAccepted(text: string, sessionId: string): void {
  const answer = answerSchema.safeParse(parseJson(text));
  if (!answer.success) throw new AgentAnswerError(`the agent's answer is not understood: ${text.slice(0, shownChars)}`);
  const { data } = answer;
  if (!data.accepted) {
    const { code, message } = data.error ?? { code: 'UNKNOWN', message: 'it gave no reason' };
    throw new AgentAnswerError(`the agent refused the session: ${code}: ${message}`);
  }
  if (data.session_id !== sessionId) throw new AgentAnswerError(`the agent took another session: ${data.session_id}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
