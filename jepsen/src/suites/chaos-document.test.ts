import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const sources = new URL('../../src/', import.meta.url);

it('docs/chaos.md shows the suite of the broken register as it is compiled', () => {
  const file = new URL('suites/broken-register/broken-register.ts', sources);
  const shown = readFileSync(file, 'utf8').replaceAll('../../index.js', '@raft-ts/jepsen');
  const document = readFileSync(new URL('../../docs/chaos.md', sources), 'utf8');
  expect(document).toContain(`\`\`\`ts\n${shown}\`\`\``);
});
