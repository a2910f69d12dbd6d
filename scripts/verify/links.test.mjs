import { expect, test } from 'vitest';
import { linksIn } from './links.mjs';

test('links to files are found, others and examples are not', () => {
  const markdown = `
[a](docs/a.md), [b](./b.md#part "title"), [c](<with%20space.md>), [here](#part)
[site](https://example.org/d.md), \`[e](e.md)\`
\`\`\`sh
[f](f.md)
\`\`\`
![picture](g.png)
`;
  expect(linksIn(markdown)).toEqual(['docs/a.md', './b.md', 'with space.md', 'g.png']);
});
