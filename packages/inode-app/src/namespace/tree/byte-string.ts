import { isUtf8 } from 'node:buffer';

/**
 * File names are bytes, not text. Inside the system (commands, rows, caches, the wire) a name,
 * a path or a link target is a string with one character (U+0000 to U+00FF) for each byte: it
 * compares as its bytes do, costs a byte a character, and loses nothing.
 *
 * Outside it is text: UTF-8 is decoded, and a byte that is not part of valid UTF-8 becomes the
 * lone surrogate U+DC80 to U+DCFF, as Python's `surrogateescape` does (PEP 383), so that both
 * directions lose nothing and two names never become one.
 */
export type ByteString = string & { readonly [bytesBrand]: true };

/** Exists for the compiler alone: keeps a text from being passed where bytes are meant. */
declare const bytesBrand: unique symbol;

const NOT_ASCII = /\P{ASCII}/u;
const NOT_BYTES = /[^\0-\xff]/;
const ESCAPE_BASE = 0xdc00;

/** Whether every character stands for one byte. */
export function isByteString(value: string): value is ByteString {
  return !NOT_BYTES.test(value);
}

/** A constant, written with a character for each byte. Throws RangeError for any other character. */
export function byteString(characters: string): ByteString {
  if (isByteString(characters)) return characters;
  throw new RangeError('A byte string holds no character above U+00FF');
}

/** No bytes at all. */
export const NO_BYTES = byteString('');

/** Bytes from `start` to before `end`. */
export function sliceBytes(bytes: ByteString, start: number, end?: number): ByteString {
  return bytes.slice(start, end) as ByteString;
}

/** Up to three byte strings, one behind the other. */
export function joinBytes(
  first: ByteString,
  second: ByteString,
  third: ByteString = NO_BYTES,
): ByteString {
  return (first + second + third) as ByteString;
}

/** What lies between the separators. */
export function splitBytes(bytes: ByteString, separator: ByteString): readonly ByteString[] {
  return bytes.split(separator) as ByteString[];
}

/** Bytes of a buffer from `start` to before `end`. */
export function byteStringOf(buffer: Buffer, start = 0, end = buffer.length): ByteString {
  return buffer.toString('latin1', start, end) as ByteString;
}

/**
 * The bytes that a text means, or undefined for a text that means none: with NUL, with a lone
 * surrogate other than U+DC80 to U+DCFF, or with escaped bytes that together are valid UTF-8 (the
 * text for those bytes is another one, and two texts must not name one file).
 */
export function byteStringFromText(text: string): ByteString | undefined {
  if (text.includes('\0')) return undefined;
  if (!NOT_ASCII.test(text)) return text as ByteString;
  if (text.isWellFormed()) return byteStringOf(Buffer.from(text, 'utf8'));
  const bytes = unescapeBytes(text);
  return bytes !== undefined && textFromByteString(bytes) === text ? bytes : undefined;
}

/** The text for these bytes; `byteStringFromText` gives the same bytes back, unless there is a NUL. */
export function textFromByteString(bytes: ByteString): string {
  if (!NOT_ASCII.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : escapeBytes(buffer);
}

function unescapeBytes(text: string): ByteString | undefined {
  let bytes = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xd800 || code > 0xdfff) bytes += Buffer.from(character, 'utf8').toString('latin1');
    else if (code >= 0xdc80 && code <= 0xdcff) bytes += String.fromCharCode(code - ESCAPE_BASE);
    else return undefined;
  }
  return bytes as ByteString;
}

function escapeBytes(bytes: Buffer): string {
  let text = '';
  let position = 0;
  while (position < bytes.length) {
    const length = sequenceLength(bytes, position);
    text +=
      length === 0
        ? String.fromCharCode(ESCAPE_BASE + bytes.readUInt8(position))
        : bytes.toString('utf8', position, position + length);
    position += Math.max(1, length);
  }
  return text;
}

/** Bytes of the UTF-8 sequence that starts here, 0 if none does (Unicode 15, table 3-7). */
function sequenceLength(bytes: Buffer, position: number): number {
  const first = bytes.readUInt8(position);
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length === 0 || first > 0xf4 || position + length > bytes.length) return 0;
  return isUtf8(bytes.subarray(position, position + length)) ? length : 0;
}
