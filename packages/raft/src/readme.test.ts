import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { example } from './example.test.support.js';

describe('the README', () => {
  it('shows the example that is compiled here', () => {
    const packageDirectory = new URL('../', import.meta.url);
    const readme = readFileSync(new URL('README.md', packageDirectory), 'utf8');
    const source = readFileSync(new URL('src/example.test.support.ts', packageDirectory), 'utf8');
    const published = source
      .replace('./index.js', 'raft-ts')
      .replace('./log/rocksdb/index.js', 'raft-ts/rocksdb');
    expect(readme).toContain(`\`\`\`ts\n${published}\`\`\``);
  });

  it('shows an example that runs', async () => {
    expect(await example()).toEqual(['hello']);
  });
});
