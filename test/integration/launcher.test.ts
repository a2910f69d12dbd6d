import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePortsInARow, runCommand, startCommand } from './running-cluster.js';

let directory: string;
let launcher: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'launcher-'));
});

afterEach(async () => {
  if (launcher !== undefined && launcher.exitCode === null && launcher.signalCode === null) {
    launcher.kill('SIGTERM');
    await once(launcher, 'exit');
  }
  launcher = undefined;
  rmSync(directory, { recursive: true, force: true });
});

interface Ports {
  readonly client: number;
  readonly member: number;
  readonly http: number;
}

async function freeClusterPorts(): Promise<Ports> {
  for (;;) {
    const [client, member, http] = [
      await freePortsInARow(),
      await freePortsInARow(),
      await freePortsInARow(),
    ];
    const [low = 0, middle = 0, high = 0] = [client, member, http].sort((a, b) => a - b);
    if (middle - low >= 3 && high - middle >= 3) return { client, member, http };
  }
}

function clusterArguments(ports: Ports, data: string, ...more: readonly string[]): string[] {
  const { client, member, http } = ports;
  return [
    'cluster',
    '--data',
    data,
    '--client-port',
    `${client}`,
    '--member-port',
    `${member}`,
    '--http-port',
    `${http}`,
    ...more,
  ];
}

/** Starts a cluster and resolves with what it has printed once `until` is among it. */
async function start(args: readonly string[], until: RegExp): Promise<string> {
  const child = startCommand(args);
  launcher = child;
  let printed = '';
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk);
  });
  for await (const chunk of child.stdout ?? []) {
    printed += String(chunk);
    if (until.test(printed)) return printed;
  }
  throw new Error(`the cluster ended: ${printed}${errors}`);
}

async function stop(): Promise<number | null> {
  if (launcher === undefined) return null;
  const ended = once(launcher, 'exit');
  launcher.kill('SIGINT');
  await ended;
  return launcher.exitCode;
}

describe('inode-app cluster', () => {
  it('serves, loads, stops cleanly, and finds everything again', async () => {
    const ports = await freeClusterPorts();
    const data = join(directory, 'data');
    const tree = mkdtempSync(join(directory, 'tree-'));
    writeFileSync(join(tree, 'a file'), 'abc');
    const printed = await start(clusterArguments(ports, data, '--load', tree), /fs ls/);
    expect(printed).toMatch(/member +role +clients +members +http +data/);
    expect(printed).toMatch(/leader/);
    // It is not said to serve before what it is to serve is there.
    expect(printed).toMatch(/data\/member-3\nLoaded .*entries\/s.*\nServing/s);
    const [exported, ...commands] = printed.match(/^ {2}\S.*$/gm)?.slice(-4) ?? [];
    expect(exported).toMatch(/^ {2}export INODE_APP_ADDRESSES=/);
    expect(commands).toHaveLength(3);
    // As typed in another terminal, wherever that is.
    const [first] = commands;
    const typed = await promisify(execFile)('/bin/sh', ['-c', `${exported}\n${first}`], {
      cwd: directory,
    });
    expect(typed.stdout).toMatch(/member \d leads, 2 entries/);
    expect(await stop()).toBe(0);

    await start(clusterArguments(ports, data), /Serving/);
    const addresses = `127.0.0.1:${ports.client + 1}`;
    const found = await runCommand(['fs', 'find', '/', '--addresses', addresses]);
    expect(found).toEqual({ code: 0, stdout: '/\n/a file\n', stderr: '' });

    const again = await runCommand(clusterArguments(await freeClusterPorts(), data));
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/^inode-app: .* is in use: .*--data\.\n$/);

    const status = JSON.parse(
      (await runCommand(['status', '--json', '--addresses', addresses])).stdout,
    );
    process.kill(status.members[0].pid, 'SIGKILL');
    let said = '';
    for await (const chunk of launcher?.stderr ?? []) {
      said += String(chunk);
      if (said.includes('Start it again with:')) break;
    }
    expect(said).toMatch(/inode-app(\.js)? master --id 1 /);
    expect(said).not.toContain('npx');
    expect(await stop()).toBe(0);
  });

  it('has as many masters as it is told to, adds more, and moves to other ports', async () => {
    const data = join(directory, 'data');
    const first = clusterArguments(await freeClusterPorts(), data);
    expect(await start([...first, '--members', '1'], /Serving/)).not.toMatch(/member-2/);
    expect(await stop()).toBe(0);
    const ports = await freeClusterPorts();
    await start(clusterArguments(ports, data, '--members', '3'), /Serving/);
    const voters = [0, 1, 2].map(
      (at) => `${at + 1} +voter .*127.0.0.1:${ports.member + at} +127.0.0.1:${ports.client + at}`,
    );
    const all = new RegExp(voters.join('.*\\n +'));
    // The first one tells the others of its move once it finds who leads.
    for (let shown = ''; !all.test(shown); ) {
      const where = ['--addresses', `127.0.0.1:${ports.client + 2}`];
      shown = (await runCommand(['members', ...where])).stdout;
    }
    expect(await stop()).toBe(0);
    const fewer = await runCommand([...first, '--members', '2']);
    expect(fewer.code).toBe(2);
    expect(fewer.stderr).toMatch(/has 3 members: .* members remove\n$/);
    expect(await start(clusterArguments(ports, data), /Serving/)).toMatch(/member-3/);
    expect(await stop()).toBe(0);
  });

  it('names a port that is taken, and the option', async () => {
    const ports = await freeClusterPorts();
    for (const [port, option] of [
      [ports.client + 1, '--client-port'],
      [ports.member + 2, '--member-port'],
      [ports.http, '--http-port'],
    ] as const) {
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      const result = await runCommand(clusterArguments(ports, join(directory, 'data')));
      server.close();
      expect(result.code).toBe(1);
      expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(result.stderr).toContain(`127.0.0.1:${port}`);
      expect(result.stderr).toContain(option);
    }
  });

  it('leaves the directory of somebody else alone', async () => {
    writeFileSync(join(directory, 'thesis.txt'), '');
    const result = await runCommand(clusterArguments(await freeClusterPorts(), directory));
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^inode-app: .* holds no cluster: .*--data\.\n$/);
  });

  it('says what is wrong with its options', async () => {
    for (const args of [
      ['cluster', '--client-port', '70000'],
      ['cluster', '--client-port', '6201'],
      ['cluster', '--load', '/', '--into', 'relative'],
      ['cluster', '--into', '/place'],
    ]) {
      const { code, stderr } = await runCommand([...args, '--data', join(directory, 'data')]);
      expect(code).toBe(2);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });

  it('explains itself when no command is given', async () => {
    for (const args of [[], ['fs']]) {
      const { code, stderr } = await runCommand(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^Usage: inode-app /);
      expect(stderr).not.toContain('outputHelp');
    }
  });
});
