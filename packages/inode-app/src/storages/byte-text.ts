import { isUtf8 } from 'node:buffer';

const ESCAPE_BASE = 0xdc00;

/**
 * The bytes that a text means, where bytes that are no UTF-8 stand as the lone surrogates U+DC80 to U+DCFF (PEP 383);
 * undefined for a text that means none: with any other lone surrogate, or with such bytes that together are UTF-8.
 */
export function bytesOfText(text: string): Buffer | undefined {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xd800 || code > 0xdfff) parts.push(Buffer.from(character, 'utf8'));
    else if (code >= 0xdc80 && code <= 0xdcff) parts.push(Buffer.from([code - ESCAPE_BASE]));
    else return undefined;
  }
  const bytes = Buffer.concat(parts);
  return textOfBytes(bytes) === text ? bytes : undefined;
}

/** The text for these bytes; `bytesOfText` gives them back. */
export function textOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let position = 0; position < bytes.length; ) {
    const length = sequenceLength(bytes, position);
    text +=
      length === 0
        ? String.fromCharCode(ESCAPE_BASE + bytes.readUInt8(position))
        : bytes.toString('utf8', position, position + length);
    position += Math.max(1, length);
  }
  return text;
}

/** Bytes of the UTF-8 sequence that starts here, 0 if none does. */
function sequenceLength(bytes: Buffer, position: number): number {
  for (let length = 1; length <= 4 && position + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(position, position + length))) return length;
  }
  return 0;
}
