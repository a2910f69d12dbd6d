import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { listed, markdownTables } from './list-command.js';

it('docs/chaos.md has what `jepsen list --markdown` prints', async () => {
  const document = readFileSync(new URL('../../../docs/chaos.md', import.meta.url), 'utf8');
  const text = markdownTables(await listed()).join('\n');
  expect(document).toContain(
    `<!-- npm run jepsen -- list --markdown -->\n${text}\n<!-- end of the list -->`,
  );
});
