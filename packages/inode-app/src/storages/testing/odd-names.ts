/** Names that users have, and that something on the way may spoil. */
export const ODD_NAMES = {
  blanks: ' a  b ',
  unicode: 'übergröße 中文 😀',
  composed: '\u00e9',
  decomposed: 'e\u0301',
  percent: '100%25%2F%',
  plus: 'a+b',
  question: 'what?x=1&y',
  hash: '#1',
  quotes: `"it's"`,
  markup: '<&amp;>',
  backslash: 'a\\b',
  colon: 'a:b',
  semicolon: 'a;b=c,d@e',
  wildcards: '*?[a]{b}',
  shell: '~$(HOME)`!|^',
  dots: '...',
  hidden: '.hidden.',
  newline: 'a\nb',
  carriageReturn: 'a\rb',
  tab: 'a\tb',
  control: 'a\u0001b\u007f',
  unassigned: 'a\uffffb',
  bytes: '\udcff\udc80a',
  longest: 'n'.repeat(255),
} as const satisfies Readonly<Record<string, string>>;

export type OddName = keyof typeof ODD_NAMES;

/** What no storage holds. */
export const PATHS_OF_NONE: readonly string[] = [
  '.',
  '..',
  'a/../b',
  '/a',
  'a/',
  'a//b',
  'a\0b',
  'n'.repeat(256),
  'ü'.repeat(128),
  '\ud800',
  // Bytes that are UTF-8 together: the text for them is another.
  '\udcc3\udca9',
];
