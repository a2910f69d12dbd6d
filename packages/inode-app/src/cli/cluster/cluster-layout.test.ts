import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClusterLayout, shellWord } from './cluster-layout.js';

const directory = { path: '/data dir', clusterId: 'c1', hasServed: false };

describe('ClusterLayout', () => {
  it('gives every member ports, data and a command of its own', () => {
    const layout = new ClusterLayout(directory, { clientPort: 6101, memberPort: 6201 });
    expect(layout.clientAddresses).toEqual(['127.0.0.1:6101', '127.0.0.1:6102', '127.0.0.1:6103']);
    expect(layout.masterCommand(2)).toBe(
      "npx inode-app master --id 2 --cluster-id c1 --data '/data dir/member-2' --members " +
        '1=127.0.0.1:6201/127.0.0.1:6101,2=127.0.0.1:6202/127.0.0.1:6102,3=127.0.0.1:6203/127.0.0.1:6103',
    );
  });

  it('names addresses in the commands to try only where they are not the defaults', () => {
    const usual = new ClusterLayout(directory, { clientPort: 6101, memberPort: 6201 });
    const moved = new ClusterLayout(directory, { clientPort: 7101, memberPort: 6201 });
    expect(usual.commandsToTry().join()).not.toContain('--addresses');
    for (const command of moved.commandsToTry()) {
      expect(command).toContain(' --addresses 127.0.0.1:7101,127.0.0.1:7102,127.0.0.1:7103');
    }
  });
});

describe('shellWord', () => {
  it('is one word, the same to the shell', () => {
    const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(word, (text) => {
        const script = `printf '%s.' ${shellWord(text)}`;
        expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(`${text}.`);
      }),
      { numRuns: 40 },
    );
  });
});
