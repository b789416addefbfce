import { describePoint, type CrashPoint } from '../support/crash-point.ts';

/** Callbacks that are heartbeats come by the clock: only the first few are in every run. */
const steadyCallbacks = 1;

/** Each place once, without those that depend on how fast the machine is. */
export function allPoints(passed: readonly CrashPoint[]): readonly CrashPoint[] {
  const steady = passed.filter(
    ({ where, what, nth }) => where !== 'commit' || what !== 'callback' || nth <= steadyCallbacks,
  );
  return [...new Map(steady.map((point) => [describePoint(point), point])).values()];
}

/**
 * The places of the test suite: every durable boundary once it is stored, and the middle of every step once its write is
 * done and the step does not know yet. `npm run crash-test` tries all of {@link allPoints}.
 */
export function boundaryPoints(passed: readonly CrashPoint[]): readonly CrashPoint[] {
  return allPoints(passed).filter(({ phase }) => phase === 'after');
}
