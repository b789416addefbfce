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
 * The places of `npm test`: the first of each kind of change, once it is made and nobody knows yet. `npm run crash-check`, a part
 * of `npm run verify`, tries all of {@link allPoints}.
 */
export function firstOfEachKind(passed: readonly CrashPoint[]): readonly CrashPoint[] {
  const after = allPoints(passed).filter(({ phase }) => phase === 'after');
  const kindOf = ({ where, what }: CrashPoint): string => `${where} ${what}`;
  return after.filter((point, index) => after.findIndex((other) => kindOf(other) === kindOf(point)) === index);
}
