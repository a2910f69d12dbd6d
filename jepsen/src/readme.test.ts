import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { example } from './example.test.support.js';

describe('the README', () => {
  const packageDirectory = new URL('../', import.meta.url);
  const readme = readFileSync(new URL('README.md', packageDirectory), 'utf8');

  it('shows the example that is compiled here', () => {
    const source = readFileSync(new URL('src/example.test.support.ts', packageDirectory), 'utf8');
    expect(readme).toContain(`\`\`\`ts\n${source.replace('./index.js', '@raft-ts/jepsen')}\`\`\``);
  });

  it('shows what the example gives', () => {
    expect(readme).toContain(`\`\`\`\n${example().join('\n')}\n\`\`\``);
  });
});
