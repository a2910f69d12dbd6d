import { expect, it } from 'vitest';
import { bytesOfText, textOfBytes } from './byte-text.js';

it.each([
  ['plain', 'plain'],
  ['c3a9', 'é'],
  ['ff80', '\udcff\udc80'],
  ['61c3', 'a\udcc3'],
  // A surrogate in UTF-8, and one byte too few of four.
  ['eda080', '\udced\udca0\udc80'],
  ['f09f98', '\udcf0\udc9f\udc98'],
  ['f09f9880ff', '\u{1f600}\udcff'],
])('bytes %s are a text, and the text is these bytes', (hex, text) => {
  const bytes = hex === text ? Buffer.from(text) : Buffer.from(hex, 'hex');
  expect(textOfBytes(bytes)).toBe(text);
  expect(bytesOfText(text)?.equals(bytes)).toBe(true);
});

it('a text that stands for no bytes has none', () => {
  expect(bytesOfText('\ud800')).toBeUndefined();
  expect(bytesOfText('\udc7f')).toBeUndefined();
  // The text for these is é.
  expect(bytesOfText('\udcc3\udca9')).toBeUndefined();
});
