import { type ByteString, sliceBytes } from '../namespace/tree/byte-string.js';

const SYNTAX = /[\\^$.*+?()[\]{}|/-]/g;

/**
 * A shell's pattern for one name: `*` any characters, `?` one character, `[a-z]` and `[!a-z]` one
 * of a set, `\` takes the next one as it is. Returns undefined for a pattern without its end.
 * Patterns and names are compared by byte; `?` takes a whole UTF-8 character.
 */
export function globMatcher(pattern: ByteString): ((name: ByteString) => boolean) | undefined {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (character === '*') {
      if (!source.endsWith('.*')) source += '.*';
    } else if (character === '?') source += '(?:[\\xc0-\\xff][\\x80-\\xbf]+|.)';
    else if (character === '[') {
      const end = setEnd(pattern, at);
      if (end < 0) return undefined;
      source += setSource(sliceBytes(pattern, at + 1, end));
      at = end;
    } else if (character === '\\') {
      at += 1;
      if (at === pattern.length) return undefined;
      source += quote(pattern.charAt(at));
    } else source += quote(character);
  }
  try {
    const expression = new RegExp(`^${source}$`, 's');
    return (name) => expression.test(name);
  } catch {
    return undefined;
  }
}

/** Where the set that begins at `start` ends: a `]` right at its beginning belongs to it. */
function setEnd(pattern: ByteString, start: number): number {
  let first = start + 1;
  if (pattern.charAt(first) === '!' || pattern.charAt(first) === '^') first += 1;
  return pattern.indexOf(']', first + 1);
}

function setSource(set: ByteString): string {
  const negated = set.startsWith('!') || set.startsWith('^');
  const members = (negated ? set.slice(1) : set).replaceAll(/[\\\]^[]/g, '\\$&');
  return `[${negated ? '^' : ''}${members}]`;
}

function quote(character: string): string {
  return character.replaceAll(SYNTAX, '\\$&');
}
