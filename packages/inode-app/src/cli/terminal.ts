/** What a Terminal needs of a stream. */
export interface TerminalStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const ERASE_LINE = '\r\x1b[K';
const DEFAULT_COLUMNS = 80;

/** Lines for a person, and below them, on a terminal, one that changes. */
export class Terminal {
  readonly #stream: TerminalStream;
  #status = '';

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  get interactive(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Writes a line that stays. */
  line(text: string): void {
    if (this.#status === '') this.#stream.write(`${text}\n`);
    else this.#stream.write(`${ERASE_LINE}${text}\n${this.#status}`);
  }

  /** Shows a line that the next one replaces; an empty one leaves nothing. Terminals only. */
  status(text: string): void {
    if (!this.interactive) return;
    const cut = [...text].slice(0, (this.#stream.columns ?? DEFAULT_COLUMNS) - 1).join('');
    if (cut === this.#status) return;
    this.#status = cut;
    this.#stream.write(ERASE_LINE + cut);
  }
}
