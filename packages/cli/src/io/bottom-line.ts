/** Text that stands below everything else on a terminal: a spinner, or a line that a person types on. */
export interface BottomText {
  /** Take it away; the cursor stands where the next line may be written. */
  hide(): void;
  /** Show it again below what was written. */
  show(): void;
}

/**
 * The last lines of a terminal, which stdout and stderr share. Whatever is printed goes above them, so that no text ever lands
 * in the middle of what a person types.
 */
export class BottomLine {
  /** The last one is shown. */
  readonly #texts: BottomText[] = [];

  /** Show `text` in place of what stood there until the returned function is called; that may be repeated. */
  occupy(text: BottomText): () => void {
    this.#texts.at(-1)?.hide();
    this.#texts.push(text);
    text.show();
    return () => {
      this.#leave(text);
    };
  }

  /** Let `write` write above it. */
  above(write: () => void): void {
    const text = this.#texts.at(-1);
    text?.hide();
    write();
    text?.show();
  }

  #leave(text: BottomText): void {
    const index = this.#texts.indexOf(text);
    if (index === -1) return;
    const wasShown = index === this.#texts.length - 1;
    if (wasShown) text.hide();
    this.#texts.splice(index, 1);
    if (wasShown) this.#texts.at(-1)?.show();
  }
}
