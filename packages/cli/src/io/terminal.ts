import type { CommandContext } from '../program/context.ts';

/** Whether a person sees both streams, on a terminal that can move its cursor. */
export function canAnimate({ io, out, talk }: Pick<CommandContext, 'io' | 'out' | 'talk'>): boolean {
  return out.isTerminal && talk.isTerminal && io.env['TERM'] !== 'dumb' && (io.env['CI'] ?? '') === '';
}

/** Whether a person sits at the keyboard too, and can be asked. */
export function canAsk(context: Pick<CommandContext, 'io' | 'out' | 'talk'>): boolean {
  return canAnimate(context) && context.io.stdin.isTTY === true;
}
