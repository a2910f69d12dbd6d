import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownCommand } from '../own-command.js';
import { ClusterLayout, shellWord } from './cluster-layout.js';

const directory = { path: '/data dir', clusterId: 'c1', hasServed: false, members: 3 };

const OWN = ownCommand().map(shellWord).join(' ');

describe('ClusterLayout', () => {
  it('gives every member ports, data and a command of its own', () => {
    const layout = new ClusterLayout(directory, {
      clientPort: 6101,
      memberPort: 6201,
      httpPort: 6301,
    });
    expect(layout.clientAddresses).toEqual(['127.0.0.1:6101', '127.0.0.1:6102', '127.0.0.1:6103']);
    expect(layout.masterCommand(2)).toBe(
      `${OWN} master --id 2 --cluster-id c1 --data '/data dir/member-2' --members ` +
        '1=127.0.0.1:6201/127.0.0.1:6101/127.0.0.1:6301,' +
        '2=127.0.0.1:6202/127.0.0.1:6102/127.0.0.1:6302,' +
        '3=127.0.0.1:6203/127.0.0.1:6103/127.0.0.1:6303',
    );
  });

  it('gives those that are to be added the others to come to', () => {
    const layout = new ClusterLayout(
      directory,
      { clientPort: 6101, memberPort: 6201, httpPort: 6301 },
      [],
      4,
    );
    expect(layout.masterCommand(2)).toBe(
      new ClusterLayout(directory, layout.ports).masterCommand(2),
    );
    expect(layout.masterArguments(4).slice(6)).toEqual([
      '--join',
      '127.0.0.1:6101,127.0.0.1:6102,127.0.0.1:6103',
      '--advertise',
      '127.0.0.1:6204/127.0.0.1:6104/127.0.0.1:6304',
    ]);
    expect(layout.commandsToTry()[0]).toMatch(/^export INODE_APP_ADDRESSES=.*:6104$/);
  });

  it('gives every member the memory that it may take', () => {
    const ports = { clientPort: 6101, memberPort: 6201, httpPort: 6301 };
    const layout = new ClusterLayout(directory, ports, [], 3, 1024 ** 3);
    expect(layout.masterArguments(1).slice(-2)).toEqual(['--memory', '1024']);
  });

  it('gives every member the further options that it is given', () => {
    const ports = { clientPort: 6101, memberPort: 6201, httpPort: 6301 };
    const layout = new ClusterLayout(directory, ports, [], 3, 1024 ** 3, ['--log-limit', '64']);
    expect(layout.masterArguments(3).slice(-4)).toEqual(['--memory', '1024', '--log-limit', '64']);
  });

  it('says where the members are before the commands to try, unless they are at the defaults', () => {
    const usual = new ClusterLayout(directory, {
      clientPort: 6101,
      memberPort: 7201,
      httpPort: 7301,
    });
    const moved = new ClusterLayout(directory, {
      clientPort: 7101,
      memberPort: 6201,
      httpPort: 6301,
    });
    const commands = ['status', 'load /usr/share --into /share', 'fs ls -l /'];
    const toTry = commands.map((command) => `${OWN} ${command}`);
    expect(usual.commandsToTry()).toEqual(toTry);
    expect(moved.commandsToTry()).toEqual([
      'export INODE_APP_ADDRESSES=127.0.0.1:7101,127.0.0.1:7102,127.0.0.1:7103',
      ...toTry,
    ]);
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
