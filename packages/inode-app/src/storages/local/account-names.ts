import { readFile } from 'node:fs/promises';

/** How old what was read is at least before it is read again for an account that is not in it. */
const REREAD_MS = 60_000;

/** Names of users or of groups, from a file like /etc/passwd. Memory is bounded by that file. */
export class AccountNames {
  readonly #file: string;
  #names: ReadonlyMap<string, string> = new Map();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #isLacking = true;

  constructor(file: string) {
    this.#file = file;
  }

  /** Reads the file, if there is reason to. Before names are asked for. */
  async refresh(): Promise<void> {
    const nowMs = performance.now();
    if (!this.#isLacking || nowMs - this.#readAtMs < REREAD_MS) return;
    this.#readAtMs = nowMs;
    this.#names = await readNames(this.#file);
    this.#isLacking = false;
  }

  /** The name of an account, or its number as text. */
  nameOf(id: bigint): string {
    const number = String(id);
    const name = this.#names.get(number);
    if (name === undefined) this.#isLacking = true;
    return name ?? number;
  }
}

async function readNames(file: string): Promise<ReadonlyMap<string, string>> {
  // A machine without the file has numbers.
  const text = await readFile(file, 'utf8').catch(() => '');
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    // The first of several names of one account counts, as for the system.
    if (name && id && !names.has(id)) names.set(id, name);
  }
  return names;
}
