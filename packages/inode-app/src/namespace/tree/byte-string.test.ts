import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  byteString,
  byteStringFromText,
  byteStringOf,
  isByteString,
  textFromByteString,
} from './byte-string.js';

const anyBytes = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => byteStringOf(Buffer.from(bytes.filter((byte) => byte !== 0))));

describe('byte strings and text', () => {
  it('bytes come back from their text', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(byteStringFromText(textFromByteString(bytes))).toBe(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('text comes back from its bytes, where it has any', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(text, (given) => {
        const bytes = byteStringFromText(given);
        if (bytes === undefined) return;
        expect(isByteString(bytes)).toBe(true);
        expect(textFromByteString(bytes)).toBe(given);
      }),
      { numRuns: 2000 },
    );
  });

  it('text that is well formed, without NUL, is its UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('\0'));
        expect(byteStringFromText(text)).toBe(Buffer.from(text, 'utf8').toString('latin1'));
      }),
    );
  });

  it.each([
    ['caf\xe9', 'caf\udce9'],
    ['caf\xc3\xa9', 'caf\u00e9'],
    ['\xf0\x9f\x92\x80', '\u{1f480}'],
    ['\xf0\x9f\x92', '\udcf0\udc9f\udc92'],
    ['\xed\xa0\x80', '\udced\udca0\udc80'],
    ['\xc0\xaf', '\udcc0\udcaf'],
    ['\xef\xbb\xbfa', '\ufeffa'],
  ])('%j is %j', (bytes, text) => {
    expect(textFromByteString(byteString(bytes))).toBe(text);
    expect(byteStringFromText(text)).toBe(bytes);
  });

  it.each(['a\0b', '\ud800', '\udc00', '\udc7f', '\udd00', 'x\udfff', '\udcc3\udca9', 'é\0'])(
    '%j means no bytes',
    (text) => {
      expect(byteStringFromText(text)).toBeUndefined();
    },
  );
});
