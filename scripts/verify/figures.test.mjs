import { expect, test } from 'vitest';
import { wrongFigures } from './figures.mjs';

const CODE = `
  maxItems: 65_536,
  maxBytes: 8 * 1024 * 1024,
const MAX_CACHE = 24 * MEBIBYTE;
`;

test('a default that is not the one in the code is found', () => {
  const markdown = `
| queue | file | limit | default |
| right | \`a/b.ts\` | \`maxItems\`, \`maxBytes\` | 65,536, 8 MiB each |
| right | \`a/b.ts\` | \`MAX_CACHE\` | 24 MiB |
| wrong | \`a/b.ts\` | \`maxItems\`; \`maxBytes\` | 65,535; 18 MiB |
| none | \`a/b.ts\` | \`maxNothing\` | 1 |
`;
  expect(wrongFigures(markdown, (path) => (path === 'a/b.ts' ? CODE : ''))).toEqual([
    'maxItems is 65,536 in a/b.ts, not 65,535; 18 MiB',
    'maxBytes is 8 MiB in a/b.ts, not 65,535; 18 MiB',
    'a/b.ts gives maxNothing no default',
  ]);
});
