import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { describe, expect, it } from 'vitest';
import { openMember } from './example.test.support.js';

describe('the example of a service with a map', () => {
  it('is what the documentation shows', () => {
    const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
    const source = read('../../src/member/example.test.support.ts');
    const shown = source
      .replace("'../index.js'", "'@raft-ts/statemachine'")
      .replace("'./index.js'", "'@raft-ts/statemachine/member'");
    expect(read('../../../../docs/embed.md')).toContain(`\`\`\`ts\n${shown}\`\`\``);
    expect(source.split('\n').length).toBeLessThanOrEqual(61);
  });

  it('runs', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'example-'));
    const [member = '', client = '', http = ''] = await freeAddresses(3);
    const founders = { 1: { member, client, http } };
    const before = await openMember(1, directory, founders);
    expect(await before.command(['greeting', 'hello'])).toBe(null);
    expect(await before.command(['greeting', 'good morning'])).toBe('hello');
    await before.close();
    await using after = await openMember(1, directory, founders);
    expect(await after.query('greeting')).toBe('good morning');
    await after.close();
    await rm(directory, { recursive: true });
  });
});
