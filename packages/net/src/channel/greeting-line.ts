import { isNetError, NetError } from '../errors.js';

/** Bytes of a greeting line at most, its line feed included. */
export const MAX_GREETING_BYTES = 1024;

const LINE_FEED = 0x0a;

/** What is spoken on a connection, such as `raft-ts-rpc`, and in which version. */
export interface Protocol {
  readonly name: string;
  readonly version: number;
}

/**
 * A line both sides begin with: `name/version text`. It can be read by eye, and by a stranger. A text
 * that does not fit is cut behind a whole character.
 */
export function greetingLine(protocol: Protocol, text: string): string {
  const line = `${protocol.name}/${protocol.version} ${text.replaceAll('\n', ' ')}`;
  const bytes = Buffer.alloc(MAX_GREETING_BYTES - 1);
  const { written } = new TextEncoder().encodeInto(line, bytes);
  return `${bytes.toString('utf8', 0, written)}\n`;
}

const REFUSED = 'refused: ';
/** For want of room alone: later, or at another one, it may go well. */
const OVERLOADED = 'overloaded: ';

/** The text of a line that refuses the other side. */
export function refusalText(error: Error): string {
  return `${isNetError(error, 'RPC_OVERLOADED') ? OVERLOADED : REFUSED}${error.message}`;
}

/** What a line says that does not welcome. */
export function parseRefusal(text: string): NetError {
  return text.startsWith(OVERLOADED)
    ? new NetError('RPC_OVERLOADED', text.slice(OVERLOADED.length))
    : new NetError('MESSAGE_INVALID', text);
}

/**
 * Gathers the first line of a connection. Refuses with the first byte that can't belong to the
 * protocol: an HTTP request or noise is not waited for.
 */
export class GreetingReader {
  readonly #protocol: Protocol;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  /**
   * Returns the greeting's text and the bytes behind the line, or undefined while the line is
   * incomplete. Throws MESSAGE_INVALID for another protocol, another version or a line too long.
   */
  push(chunk: Buffer): { readonly text: string; readonly rest: Buffer } | undefined {
    const lineFeed = chunk.indexOf(LINE_FEED);
    const end = lineFeed === -1 ? chunk.length : lineFeed;
    if (this.#bytes.length + end >= MAX_GREETING_BYTES) {
      // The start decides what is wrong with it.
      this.#check(Buffer.concat([this.#bytes, chunk.subarray(0, MAX_GREETING_BYTES)]), true);
      throw new NetError('MESSAGE_INVALID', `a greeting above ${MAX_GREETING_BYTES} bytes`);
    }
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(0, end)]);
    this.#check(this.#bytes, lineFeed !== -1);
    if (lineFeed === -1) return undefined;
    const line = this.#bytes.toString('utf8');
    return { text: line.slice(line.indexOf(' ') + 1), rest: chunk.subarray(lineFeed + 1) };
  }

  #check(bytes: Buffer, complete: boolean): void {
    const { name, version } = this.#protocol;
    const expected = `${name}/${version} `;
    const start = bytes.toString('latin1', 0, expected.length);
    if (complete ? start === expected : expected.startsWith(start)) return;
    throw new NetError(
      'MESSAGE_INVALID',
      start.startsWith(`${name}/`)
        ? `${name} is spoken here in version ${version}, and the other side speaks another one`
        : `${name}/${version} is spoken here, and something else arrived`,
    );
  }
}
