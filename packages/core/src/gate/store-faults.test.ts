import { describe, expect, test } from '@jest/globals';
import type { Approval } from '../approval/approval.ts';
import { AbcaError } from '../errors/abca-error.ts';
import type { ToolVerdict } from '../ports/coding-agent.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { parseIso } from '../time/iso-time.ts';
import {
  aShellCall,
  createGateWorld,
  decide,
  finish,
  forcePush,
  leaveOpen,
  openRequests,
  scopeOf,
  taskOf,
  until,
  type GateWorld,
  type StoreSeam,
} from './gate-world.test-kit.ts';
import { ToolGate } from './tool-gate.ts';

/** How a call of a store fails. */
const manners = [
  'may pass',
  'is final',
  'comes after the effect',
  'is silence',
  'is silence after the effect',
] as const;
/** How far the clock is moved at once; what sleeps meanwhile wakes in order. */
const stepMs = 10_000;
/** Which calls fail: one, all of its kind from then on, or all of the store from then on. */
const spans = ['once', 'kind', 'store'] as const;

interface Fault {
  /** Which call of the run, counted from 0. */
  readonly at: number;
  readonly manner: (typeof manners)[number];
  readonly span: (typeof spans)[number];
}

/** Stands before the stores of a gate, remembers its calls, and lets some of them fail. */
class FaultySeam {
  readonly calls: string[] = [];
  onCall: (label: string) => Promise<unknown> = () => Promise.resolve();
  #fault: Fault | undefined;

  constructor(fault?: Fault) {
    this.#fault = fault;
  }

  mend(): void {
    this.#fault = undefined;
  }

  readonly wrap: StoreSeam = (name, port) =>
    new Proxy(port, {
      get: (target, property) => {
        const method = Reflect.get(target, property) as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) => this.#pass(`${name}.${String(property)}`, () => method.apply(target, args));
      },
    });

  async #pass(label: string, effect: () => Promise<unknown>): Promise<unknown> {
    const index = this.calls.push(label) - 1;
    await this.onCall(label);
    const manner = this.#mannerOf(label, index);
    if (manner === undefined) return effect();
    if (manner.endsWith('after the effect') || manner === 'comes after the effect') await effect();
    if (manner.startsWith('is silence')) return new Promise(() => undefined);
    if (manner === 'is final') throw new AbcaError('STORE_ERROR', `${label} was refused`);
    throw new AbcaError('SERVICE_UNAVAILABLE', `${label} did not answer`, { retryable: true });
  }

  #mannerOf(label: string, index: number): Fault['manner'] | undefined {
    if (this.#fault === undefined || index < this.#fault.at) return undefined;
    const { at, manner, span } = this.#fault;
    const strikes = span === 'store' || index === at || (span === 'kind' && label === this.calls[at]);
    return strikes ? manner : undefined;
  }
}

/** What a person and a session do to one call. */
interface Flow {
  readonly name: string;
  /** What a person answers, if they do. */
  readonly answer?: 'approve' | 'deny';
  /** When: as soon as it is open, or in the moment in which the gate closes it. */
  readonly when?: 'open' | 'closing';
  /** Whether an earlier session left the request behind. */
  readonly isLeft?: true;
  /** What the call comes to when nothing fails. */
  readonly verdict: ToolVerdict['kind'];
  /** How many calls of stores that takes, those of a poll but for its first two and its last left out. */
  readonly calls: number;
}

const flows: readonly Flow[] = [
  { name: 'an approval', answer: 'approve', when: 'open', verdict: 'allow', calls: 4 },
  { name: 'a denial', answer: 'deny', when: 'open', verdict: 'deny', calls: 4 },
  { name: 'no answer', verdict: 'deny', calls: 6 },
  { name: 'an approval in the last moment', answer: 'approve', when: 'closing', verdict: 'allow', calls: 6 },
  { name: 'a denial in the last moment', answer: 'deny', when: 'closing', verdict: 'deny', calls: 6 },
  { name: 'a restart', isLeft: true, verdict: 'deny', calls: 4 },
  { name: 'a restart after an approval', answer: 'approve', isLeft: true, verdict: 'allow', calls: 3 },
  { name: 'a restart after a denial', answer: 'deny', isLeft: true, verdict: 'deny', calls: 3 },
];

/** One run of a flow: a world, and a person who answers at most once. */
class Run {
  readonly world: GateWorld;
  readonly seam: FaultySeam;
  readonly #flow: Flow;
  /** Whether a person has answered. */
  answered = false;

  private constructor(flow: Flow, seam: FaultySeam, world: GateWorld) {
    this.#flow = flow;
    this.seam = seam;
    this.world = world;
  }

  static async create(flow: Flow, fault?: Fault): Promise<Run> {
    const seam = new FaultySeam(fault);
    const world = await createGateWorld({ seam: seam.wrap, scope: { approvalTimeoutS: 30 } });
    if (flow.isLeft === undefined) return new Run(flow, seam, world).#listening();
    const { task } = await leaveOpen(world, forcePush);
    const scope = scopeOf(task, { approvalTimeoutS: 30 });
    const run = new Run(flow, seam, { ...world, scope, gate: new ToolGate(world.deps, scope) });
    await run.answerNow();
    return run;
  }

  /** What stands as PENDING, also when its time is over. */
  pending(): Promise<readonly Approval[]> {
    return openRequests({ ...this.world, clock: new FakeClock(0) });
  }

  /** The person answers whatever is open, if they ever do. */
  async answerNow(): Promise<void> {
    const { answer } = this.#flow;
    const [open] = await this.pending();
    if (answer === undefined || this.answered || open === undefined) return;
    const decision = answer === 'approve' ? ({ kind: 'approve', scope: 'this_call' } as const) : { kind: answer };
    const atMs = Math.min(this.world.clock.nowMs(), parseIso(open.expiresAt) - 1);
    this.answered = (await decide(this.world, open.requestId, decision, atMs)).kind === 'decided';
  }

  /** The verdict on the call, with the clock moved on and the person at hand. */
  async judge(): Promise<ToolVerdict> {
    const { gate } = this.world;
    if (this.#flow.isLeft) await ended(this.world, gate.settle());
    const judging = gate.judge(forcePush);
    let isOver = false;
    void judging.then(() => (isOver = true));
    for (let passedMs = 0; passedMs < 300_000 && !isOver; passedMs += stepMs) {
      await until(() => isOver || this.world.clock.sleeping > 0, 'an end or a sleep');
      if (this.#flow.when === 'open') await this.answerNow();
      if (!isOver) await this.world.clock.advance(stepMs);
    }
    return finish(this.world, judging, 0, stepMs);
  }

  #listening(): this {
    this.seam.onCall = async (label) => {
      if (label === 'approvals.expire' && this.#flow.when === 'closing') await this.answerNow();
    };
    return this;
  }
}

function ended<T>(world: GateWorld, work: Promise<T>): Promise<T> {
  return finish(world, work, 300_000, stepMs);
}

/** The calls that a flow makes, by their places; of a poll the first two and the last. */
async function recorded(flow: Flow): Promise<readonly number[]> {
  const run = await Run.create(flow);
  const verdict = await run.judge();
  expect(verdict.kind).toBe(flow.verdict);
  const { calls } = run.seam;
  const polls = calls.flatMap((label, index) => (label === 'approvals.find' ? [index] : []));
  const passedOver = polls.slice(2, -1);
  return calls.map((_label, index) => index).filter((index) => !passedOver.includes(index));
}

/** One run with a fault, and what must hold of any. */
async function assertSafe(flow: Flow, fault: Fault): Promise<ToolVerdict> {
  const run = await Run.create(flow, fault);
  const { world, seam } = run;

  const first = await run.judge();
  await run.answerNow();
  seam.mend();
  seam.onCall = () => Promise.resolve();
  await ended(world, world.gate.settle());

  expect((await taskOf(world)).status).toBe('RUNNING');
  expect(await run.pending()).toStrictEqual([]);
  const same = await ended(world, world.gate.judge(forcePush));
  const other = await ended(world, world.gate.judge(aShellCall('git push --force elsewhere')));
  const allowed = [first, same].filter(({ kind }) => kind === 'allow').length;
  const isApproved = run.answered && flow.answer === 'approve';
  expect(allowed).toBeLessThanOrEqual(isApproved ? 1 : 0);
  expect(other.kind).toBe('deny');
  expect((await taskOf(world)).status).toBe('RUNNING');
  expect(await run.pending()).toStrictEqual([]);
  return first;
}

/** Faults that a gate rides out. */
function isRiddenOut({ manner, span }: Pick<Fault, 'manner' | 'span'>): boolean {
  return span === 'once' && manner !== 'is final';
}

describe.each(flows)('ToolGate over stores that fail › $name', (flow) => {
  const faults = manners.flatMap((manner) => spans.map((span) => ({ manner, span })));

  test.each(faults)('a failure that $manner ($span) gives nothing that nobody gave, and no hang', async (fault) => {
    const places = await recorded(flow);
    expect(places).toHaveLength(flow.calls);

    for (const at of places) {
      const verdict = await assertSafe(flow, { ...fault, at });
      if (isRiddenOut(fault)) expect(verdict.kind).toBe(flow.verdict);
    }
  });
});
