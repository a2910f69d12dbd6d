import { readFile } from 'node:fs/promises';
import type { ByteString } from '../../namespace/tree/byte-string.js';

/** The names of users or groups by their numbers. */
export class PrincipalNames {
  readonly #names = new Map<bigint, ByteString>();

  /** `database` as in passwd(5) or group(5): the name is the first field, the number the third. */
  constructor(database: ByteString) {
    for (const line of database.split('\n')) {
      const [name, , number] = line.split(':');
      if (name === undefined || name === '' || number === undefined) continue;
      if (!/^[0-9]{1,10}$/.test(number)) continue;
      const id = BigInt(number);
      // The first line counts, as for getpwuid(3).
      if (!this.#names.has(id)) this.#names.set(id, name);
    }
  }

  /** A number without a name stands for itself, in decimal. */
  nameOf(id: bigint): ByteString {
    return this.#names.get(id) ?? id.toString();
  }
}

/** Reads /etc/passwd or /etc/group; numbers stay numbers when there is none. */
export async function readPrincipalNames(file: string): Promise<PrincipalNames> {
  try {
    return new PrincipalNames((await readFile(file)).toString('latin1'));
  } catch {
    return new PrincipalNames('');
  }
}
