/** Characters of a text that are repeated in a message. */
const MAX_SHOWN_CHARACTERS = 60;

/** A value as a message names it: not every value can be made text, and one may be long. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > MAX_SHOWN_CHARACTERS
        ? `${JSON.stringify(value.slice(0, MAX_SHOWN_CHARACTERS))}...`
        : JSON.stringify(value);
    case 'bigint':
      return 'a bigint';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    default:
      return String(value);
  }
}
