import { describe, expect, test } from '@jest/globals';
import { session } from '../session/session.test-kit.ts';
import { admit, type HostState } from './session-host.ts';

const { sessionId } = session;
const states: Record<'idle' | 'working' | 'ended', HostState> = {
  idle: { kind: 'idle' },
  working: { kind: 'working', sessionId, code: Promise.resolve(0) },
  ended: { kind: 'ended', sessionId },
};

describe('admit()', () => {
  test.each([
    ['idle', 'its', false, 'start'],
    ['idle', 'its', true, 'SERVICE_UNAVAILABLE'],
    ['working', 'its', false, 'known'],
    ['working', 'its', true, 'known'],
    ['working', 'another', false, 'SESSION_START_FAILED'],
    ['working', 'another', true, 'SESSION_START_FAILED'],
    ['ended', 'its', false, 'known'],
    ['ended', 'its', true, 'known'],
    ['ended', 'another', false, 'SESSION_START_FAILED'],
  ] as const)('a container that is %s answers %s session (ending: %s) with %s', (state, whose, ending, answer) => {
    const admission = admit(states[state], whose === 'its' ? sessionId : 'another', ending);

    expect(admission.kind === 'refused' ? admission.why.code : admission.kind).toBe(answer);
  });
});
