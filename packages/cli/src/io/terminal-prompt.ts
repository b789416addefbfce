import { clearScreenDown, createInterface, cursorTo, moveCursor, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import type { LineQuestion, PromptLine } from './cli-io.ts';

/** How often the label is drawn anew, milliseconds. */
const tickMs = 1_000;
/** Keys pressed within this time of the prompt's appearance were meant for something else, milliseconds. */
const deafMs = 300;

/** What a prompt needs of the process. */
export interface PromptTerminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream & { readonly columns?: number };
  /** Ctrl-C: a terminal whose keys are read one by one makes no signal of it. */
  interrupt(): void;
}

interface OpenQuestion extends LineQuestion {
  readonly end: (line: string | undefined) => void;
}

/** {@link PromptLine} by Node's own line editor. */
export class TerminalPrompt implements PromptLine {
  readonly #output: PromptTerminal['output'];
  readonly #reader: Interface;
  readonly #deafness: NodeJS.Timeout;
  readonly #ticker: NodeJS.Timeout;
  #isDeaf = true;
  #isClosed = false;
  #question: OpenQuestion | undefined;
  #isDrawn = false;

  constructor({ input, output, interrupt }: PromptTerminal) {
    this.#output = output;
    this.#reader = createInterface({ input, output: this.#whileDrawn(), terminal: true, historySize: 0 });
    this.#reader.on('line', (line) => {
      if (!this.#isDeaf) this.#end(line);
      else this.#draw();
    });
    this.#reader.on('SIGINT', interrupt);
    // Ctrl-D: the person has nothing to say.
    this.#reader.on('close', () => {
      this.#isClosed = true;
      this.#end('');
    });
    this.#deafness = setTimeout(() => {
      this.#listen();
    }, deafMs);
    this.#ticker = setInterval(() => {
      this.#tick();
    }, tickMs);
  }

  ask(question: LineQuestion): Promise<string | undefined> {
    if (question.signal.aborted || this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const goAway = (): void => {
        this.hide();
        this.#end(undefined);
      };
      const end = (line: string | undefined): void => {
        question.signal.removeEventListener('abort', goAway);
        resolve(line);
      };
      question.signal.addEventListener('abort', goAway, { once: true });
      this.#question = { ...question, end };
      this.show();
    });
  }

  hide(): void {
    if (!this.#isDrawn) return;
    const { rows } = this.#reader.getCursorPos();
    cursorTo(this.#output, 0);
    moveCursor(this.#output, 0, -rows);
    clearScreenDown(this.#output);
    this.#isDrawn = false;
  }

  show(): void {
    this.#draw();
  }

  close(): void {
    this.hide();
    clearTimeout(this.#deafness);
    clearInterval(this.#ticker);
    this.#end(undefined);
    this.#reader.close();
  }

  #draw(): void {
    const label = this.#question?.label();
    if (label === undefined) return;
    this.hide();
    this.#isDrawn = true;
    // How far down the editor believes its cursor to be, which is wrong after `hide()` and after a paste. No documented field:
    // should it go away, lines are drawn a row too high, and no more.
    Object.assign(this.#reader, { prevRows: 0 });
    this.#reader.setPrompt(label);
    this.#reader.prompt(true);
  }

  #tick(): void {
    if (this.#question === undefined) return;
    if (this.#question.label() === undefined) {
      this.hide();
      this.#end(undefined);
    } else if (this.#isDrawn) this.#draw();
  }

  #listen(): void {
    this.#isDeaf = false;
    // Away with what was typed so far.
    this.#reader.write(null, { ctrl: true, name: 'e' });
    this.#reader.write(null, { ctrl: true, name: 'u' });
  }

  #end(line: string | undefined): void {
    const question = this.#question;
    if (question === undefined) return;
    this.#question = undefined;
    this.#isDrawn = false;
    question.end(line);
  }

  /** What the line editor writes, as long as its line is to be seen: keys echo nowhere else. */
  #whileDrawn(): Writable {
    const output = this.#output;
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        if (this.#isDrawn) output.write(chunk);
        done();
      },
    });
    return Object.defineProperty(stream, 'columns', { get: () => output.columns });
  }
}
