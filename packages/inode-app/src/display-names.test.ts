import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayBytes, displayMessage, parseEscaped } from './display-names.js';
import { byteString, byteStringOf } from './namespace/tree/byte-string.js';
import { pathFromText } from './namespace/tree/text-to-bytes.js';

const anyBytes = fc.uint8Array({ maxLength: 64 }).map((bytes) => byteStringOf(Buffer.from(bytes)));

describe('displayBytes', () => {
  it('shows UTF-8 as it is', () => {
    expect(displayBytes(pathFromText('/straße/файл 🎉'))).toBe('/straße/файл 🎉');
  });

  it('escapes backslash, controls and invalid bytes', () => {
    expect(displayBytes(byteString('a\\b\nc\td\x1b\x00\x7f'))).toBe(
      'a\\\\b\\nc\\td\\x1b\\x00\\x7f',
    );
    expect(displayBytes(byteString('\xff\xfe ok \xc3'))).toBe('\\xff\\xfe ok \\xc3');
    expect(displayBytes(byteString('\xc2\x85'))).toBe('\\xc2\\x85');
    expect(displayBytes(byteString('\xe2\x80\xa8'))).toBe('\\xe2\\x80\\xa8');
    expect(displayBytes(byteString('\xef\xbf\xbd'))).toBe('\\xef\\xbf\\xbd');
  });

  it('escapes what turns the direction of text, and leaves what only joins or combines', () => {
    for (const mark of '\u061c\u200e\u200f\u202a\u202d\u202e\u2066\u2067\u2069') {
      expect(displayBytes(pathFromText(`/gpj${mark}exe`))).toMatch(
        /^\/gpj(\\x[0-9a-f]{2}){2,3}exe$/,
      );
      expect(displayMessage(`a${mark}b`)).toMatch(/^a(\\x[0-9a-f]{2}){2,3}b$/);
    }
    for (const kept of ['/👩\u200d💻', '/e\u0301', '/שלום']) {
      expect(displayBytes(pathFromText(kept))).toBe(kept);
    }
  });

  it('never gives two names one form, and is read back', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(parseEscaped(displayBytes(bytes))).toBe(bytes);
      }),
    );
  });

  it('is always one line of well-formed text without controls', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const shown = displayBytes(bytes);
        expect(shown.isWellFormed()).toBe(true);
        expect(/[\p{Cc}\u2028\u2029]/u.test(shown)).toBe(false);
      }),
    );
  });

  it('makes messages fit for one line, and leaves their backslashes', () => {
    expect(displayMessage('two\nlines, é, \\x')).toBe('two\\nlines, é, \\x');
    expect(displayMessage('\ud800').isWellFormed()).toBe(true);
  });
});

describe('parseEscaped', () => {
  it('takes text without escapes as its UTF-8', () => {
    expect(parseEscaped('é')).toBe('\xc3\xa9');
  });

  it('refuses what begins no known escape', () => {
    for (const text of ['\\', 'a\\q', '\\x1', '\\xg0', 'end\\', '\ud800']) {
      expect(parseEscaped(text)).toBeUndefined();
    }
  });
});
