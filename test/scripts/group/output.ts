/** What a directive prints, line by line, indented where it stands under another line. */
export class Output {
  #lines: string[] = [];
  #indent = '';
  /** Nothing is printed but errors. */
  quiet = false;

  /** Prints `text`, which may have several lines. */
  print(text: string): void {
    if (this.quiet) return;
    for (const line of text.split('\n')) this.#lines.push(`${this.#indent}${line}`);
  }

  /** Prints what `act` prints two columns further in. */
  indented(act: () => void): void {
    const before = this.#indent;
    this.#indent = `${before}  `;
    try {
      act();
    } finally {
      this.#indent = before;
    }
  }

  /** Everything since the last time; `ok` for nothing. Errors come last, and even when quiet. */
  take(errors: readonly string[]): string {
    const lines = [...this.#lines, ...errors];
    this.#lines = [];
    return lines.length === 0 ? 'ok\n' : lines.map((line) => `${line}\n`).join('');
  }
}
