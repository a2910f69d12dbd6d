import { type ByteString, byteString, textFromByteString } from './namespace/tree/byte-string.js';

// What a terminal must not get as it is: the backslash (it begins an escape), C0 and C1 controls,
// marks of direction, which reorder what stands around the name, line separators that some programs
// take for a newline, what stands for invalid bytes, and the replacement character, which arguments
// can't hold because it stands for invalid bytes there.
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;
const SPECIAL =
  /[\x00-\x1f\\\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffd\udc80-\udcff]/gu;

const LETTERS: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\\': '\\\\',
};
const CHARACTERS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(LETTERS).map(([character, letter]) => [letter.slice(1), character]),
);

const ESCAPE = /\\(?:([abtnvfr\\])|x([0-9a-fA-F]{2})|)/g;

/**
 * Bytes as a person reads them: UTF-8 as it is; a backslash, control characters and bytes that are
 * no UTF-8 as in C (`\\`, `\n`, `\xff`). One line, and `parseEscaped` gives the same bytes back.
 */
export function displayBytes(bytes: ByteString): string {
  if (PLAIN.test(bytes)) return bytes;
  return displayText(textFromByteString(bytes));
}

/** The same of a text that `textFromByteString` gave. */
export function displayText(text: string): string {
  return text.replaceAll(SPECIAL, escapeCharacter);
}

/** The same in a column of its own: its blanks are escaped, so that columns can be told apart. */
export function displayWord(text: string): string {
  return displayText(text).replaceAll(' ', '\\x20');
}

/** A message made fit for one line: as `displayBytes`, but `\` and U+FFFD stay as they are. */
export function displayMessage(message: string): string {
  return message
    .toWellFormed()
    .replaceAll(SPECIAL, (character) =>
      character === '\\' || character === '\ufffd' ? character : escapeCharacter(character),
    );
}

function escapeCharacter(character: string): string {
  const letter = LETTERS[character];
  if (letter !== undefined) return letter;
  const code = character.charCodeAt(0);
  if (code >= 0xdc80 && code <= 0xdcff) return hex(code - 0xdc00);
  return [...Buffer.from(character, 'utf8')].map(hex).join('');
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** The bytes that `displayBytes` shows so; undefined when a backslash begins no known escape. */
export function parseEscaped(shown: string): ByteString | undefined {
  if (!shown.isWellFormed()) return undefined;
  let known = true;
  const bytes = Buffer.from(shown, 'utf8')
    .toString('latin1')
    .replaceAll(ESCAPE, (_match, letter: string | undefined, digits: string | undefined) => {
      if (letter !== undefined) return CHARACTERS[letter] ?? '';
      if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
      known = false;
      return '';
    });
  return known ? byteString(bytes) : undefined;
}
