import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { selftestTables } from './selftest-command.js';

it('docs/chaos.md has what `jepsen selftest --list` prints', () => {
  const document = readFileSync(new URL('../../../docs/chaos.md', import.meta.url), 'utf8');
  const text = selftestTables().join('\n');
  expect(document).toContain(
    `<!-- npm run jepsen -- selftest --list -->\n${text}\n<!-- end of the selftests -->`,
  );
});
