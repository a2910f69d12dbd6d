import { readFile } from 'node:fs/promises';
import {
  type ByteString,
  byteString,
  byteStringOf,
  NO_BYTES,
  splitBytes,
} from '../../namespace/tree/byte-string.js';

const LINE_END = byteString('\n');
const COLON = byteString(':');

/** The names of users or groups by their numbers. */
export class PrincipalNames {
  readonly #names = new Map<bigint, ByteString>();

  /** `database` as in passwd(5) or group(5): the name is the first field, the number the third. */
  constructor(database: ByteString) {
    for (const line of splitBytes(database, LINE_END)) {
      const [name, , number] = splitBytes(line, COLON);
      if (name === undefined || name === NO_BYTES || number === undefined) continue;
      if (!/^[0-9]{1,10}$/.test(number)) continue;
      const id = BigInt(number);
      // The first line counts, as for getpwuid(3).
      if (!this.#names.has(id)) this.#names.set(id, name);
    }
  }

  /** A number without a name stands for itself, in decimal. */
  nameOf(id: bigint): ByteString {
    return this.#names.get(id) ?? byteString(id.toString());
  }
}

/** Reads /etc/passwd or /etc/group; numbers stay numbers when there is none. */
export async function readPrincipalNames(file: string): Promise<PrincipalNames> {
  try {
    return new PrincipalNames(byteStringOf(await readFile(file)));
  } catch {
    return new PrincipalNames(NO_BYTES);
  }
}
