import { AbcaError, denialBlock, type ToolGate, type TurnDirective, type UserDenial } from '@abca/core';
import { saveWork } from '../delivery/save-work.ts';
import type { SessionRun } from '../session/session-run.ts';
import { deliveredEvent, nudgeText, type NudgeQueue } from './nudge-queue.ts';

/** What is asked between two turns, besides the run. */
export interface TurnParts {
  readonly gate: Pick<ToolGate, 'settle' | 'takeDenials'>;
  readonly nudges: NudgeQueue;
}

/**
 * What happens between two turns, in this order: the lease is renewed, by which a cancel is seen; the caps that the agent
 * does not know are looked at, which the stop switch has; what people said since; what they refused; the work is saved. A
 * stop leaves both queues as they are.
 */
export function createBetweenTurns(run: SessionRun, parts: TurnParts): (turn: number) => Promise<TurnDirective> {
  return async (turn) => {
    await run.lease.check();
    const stopped = stopDirective(run);
    if (stopped !== undefined) return stopped;
    await parts.gate.settle();
    await saveAfterTurn(run, turn);
    const stoppedMeanwhile = stopDirective(run);
    if (stoppedMeanwhile !== undefined) return stoppedMeanwhile;
    const texts = [await takeNudges(run, parts.nudges), denialText(parts.gate.takeDenials())];
    return inject(texts);
  };
}

/** What happens when the model wants to end its run: what people said in its last turn is not lost. */
export function createBeforeEnd(run: SessionRun, { nudges }: TurnParts): () => Promise<TurnDirective> {
  return async () => stopDirective(run) ?? inject([await takeNudges(run, nudges)]);
}

function inject(texts: readonly (string | undefined)[]): TurnDirective {
  const said = texts.filter((text) => text !== undefined);
  return said.length === 0 ? { kind: 'continue' } : { kind: 'inject', text: said.join('\n\n') };
}

/** A log that cannot be read costs nothing but time: what was said is read at the next turn. */
async function takeNudges(run: SessionRun, queue: NudgeQueue): Promise<string | undefined> {
  try {
    const nudges = await queue.take(run.stop.signal);
    if (nudges.length === 0) return undefined;
    await run.reporter.publish(deliveredEvent(nudges));
    return nudgeText(nudges);
  } catch (error) {
    run.deps.logger.warn('nudges could not be read', { error });
    return undefined;
  }
}

function denialText(denials: readonly UserDenial[]): string | undefined {
  if (denials.length === 0) return undefined;
  return ['A person refused a tool call. Do not try it again in another form:', ...denials.map(denialBlock)].join('\n');
}

function stopDirective({ stop }: SessionRun): TurnDirective | undefined {
  const reason = stop.reason();
  return reason && { kind: 'stop', reason: reason.failure.message };
}

/** A remote that is away for a while costs nothing but a warning: the next turn saves again. A full disk ends the session. */
async function saveAfterTurn(run: SessionRun, turn: number): Promise<void> {
  try {
    await saveWork(run, run.stop.signal);
  } catch (error) {
    if (run.stop.reason() !== undefined) return;
    const { code, message } = AbcaError.wrap(error, 'WORKSPACE_ERROR', 'the work could not be saved');
    run.deps.logger.warn('work not saved', { error, turn });
    if (code === 'WORKSPACE_DISK_FULL') run.stop.trip({ kind: 'fatal', failure: { code, message } });
  }
}
