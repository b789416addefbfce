import type { CommandContext } from '../program/context.ts';
import { canAnimate } from './terminal.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 120;
const clear = '\r\u001b[2K';

/**
 * A spinner with `text()` beside it at the bottom of the terminal, until the returned function is called. Only where a person
 * sees both streams on a terminal that can move its cursor; elsewhere it is nothing.
 */
export function startLiveLine(context: CommandContext, text: () => string): () => void {
  if (!canAnimate(context)) return () => undefined;
  const { io, bottom } = context;
  let frame = 0;
  let hidden = false;
  const draw = (): void => {
    if (hidden) return;
    frame = (frame + 1) % frames.length;
    io.stderr.write(`${clear}${frames[frame] ?? ''} ${text()}`);
  };
  const timer = setInterval(draw, frameMs);
  const leave = bottom.occupy({
    hide: () => {
      hidden = true;
      io.stderr.write(clear);
    },
    show: () => {
      hidden = false;
      draw();
    },
  });
  return () => {
    clearInterval(timer);
    leave();
  };
}
