import type { CommandContext } from '../program/context.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 120;
const clear = '\r\u001b[2K';

/** A line at the bottom of the terminal that moves while nothing else happens. */
export interface LiveLine {
  /** Take it away; the next line may be written. */
  hide(): void;
  /** Show it again below what was written. */
  show(): void;
  stop(): void;
}

const nothing: LiveLine = { hide: () => undefined, show: () => undefined, stop: () => undefined };

/**
 * A spinner with `text()` beside it. Only where a person sees both streams on a terminal that can move its cursor; elsewhere it
 * is nothing.
 */
export function startLiveLine({ io, out, talk }: CommandContext, text: () => string): LiveLine {
  if (!out.isTerminal || !talk.isTerminal || io.env['TERM'] === 'dumb' || (io.env['CI'] ?? '') !== '') return nothing;
  let frame = 0;
  let hidden = false;
  const draw = (): void => {
    if (hidden) return;
    frame = (frame + 1) % frames.length;
    io.stderr.write(`${clear}${frames[frame] ?? ''} ${text()}`);
  };
  const timer = setInterval(draw, frameMs);
  const hide = (): void => {
    hidden = true;
    io.stderr.write(clear);
  };
  return {
    hide,
    show: () => {
      hidden = false;
      draw();
    },
    stop: () => {
      clearInterval(timer);
      hide();
    },
  };
}
