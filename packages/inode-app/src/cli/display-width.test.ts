import { expect, it } from 'vitest';
import { displayWidth } from './display-width.js';

it.each([
  ['', 0],
  ['plain', 5],
  ['straße', 6],
  ['файл', 4],
  ['山田太郎', 8],
  ['ｆｕｌｌ', 8],
  ['ﾊﾝｶｸ', 4],
  ['カタカナ', 8],
  ['한글', 4],
  ['\u1112\u1161\u11ab', 2],
  ['cafe\u0301', 4],
  ['a\u200db', 2],
  ['a\xadb', 3],
  ['🎉', 2],
  ['❤', 1],
  ['🇩🇪', 2],
  ['𠀀', 2],
  ['、。', 4],
  ['…', 1],
])('%s takes %d columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns);
});
