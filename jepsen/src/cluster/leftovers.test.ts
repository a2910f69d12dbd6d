import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mountedDisksProblem } from './disk/mounted-disks.js';
import { openDisks } from './disk/open-disks.js';
import { clearLeftovers, isMounted, MachineRecord } from './leftovers.js';
import { NamespaceNetwork, namespacesProblem } from './network/namespaces.js';
import { bootId, processesWith } from './process-table.js';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'jepsen-test-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('what a dead program left', () => {
  it('is cleared away', async () => {
    const dead = spawnSync('true');
    const scratch = join(directory, 'scratch');
    mkdirSync(scratch);
    const parts = { namespaces: [], links: [], mounts: [], directories: [scratch] };
    const owner = { pid: dead.pid, startTicks: 1, bootId: bootId() };
    const record = join(directory, 'dead-1.json');
    writeFileSync(record, JSON.stringify({ format: 1, owner, parts }));
    const env = { ...process.env, JEPSEN_CLUSTER: 'dead-1' };
    const member = spawn('sh', ['-c', 'kill -STOP $$; sleep 1000'], { env, detached: true });
    const ended = once(member, 'exit');

    expect(await clearLeftovers(directory)).toEqual([
      '1 processes of cluster dead-1, whose tool is dead',
    ]);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect([existsSync(scratch), existsSync(record)]).toEqual([false, false]);
  });

  it('is cleared away where it is namespaces and file systems', async () => {
    const problem = (await namespacesProblem()) ?? (await mountedDisksProblem('memory'));
    if (problem !== undefined) {
      console.log(problem);
      return;
    }
    const record = new MachineRecord(directory);
    const mountPoint = join(directory, 'a disk');
    const options = { mountPoints: new Map([[1, mountPoint]]), bytes: 1024 * 1024 };
    await openDisks('memory', { ...options, scratchDirectory: directory, record });
    const network = await NamespaceNetwork.open([{ id: 1, ports: ['talk'] }], record);
    const namespace = network.enter(1)[1]?.slice('--net='.length) ?? '';
    expect([isMounted(mountPoint), existsSync(namespace)]).toEqual([true, true]);

    expect(await clearLeftovers(directory)).toEqual([]);
    const [file = ''] = readdirSync(directory).filter((name) => name.endsWith('.json'));
    const written = JSON.parse(readFileSync(join(directory, file), 'utf8'));
    written.owner.startTicks--;
    writeFileSync(join(directory, file), JSON.stringify(written));
    const cleared = await clearLeftovers(directory);
    expect(cleared).toEqual(expect.arrayContaining([mountPoint, basename(namespace)]));
    const links = readdirSync('/sys/class/net');
    expect(links.filter((name) => written.parts.links.includes(name))).toEqual([]);
    expect([isMounted(mountPoint), existsSync(namespace)]).toEqual([false, false]);
    expect(existsSync(join(directory, file))).toBe(false);
  });

  it('is told from what a living one has', async () => {
    const record = new MachineRecord(directory);
    const env = { ...process.env, JEPSEN_CLUSTER: record.cluster };
    const member = spawn('sleep', ['1000'], { env });
    await once(member, 'spawn');
    expect(await clearLeftovers(directory)).toEqual([]);
    expect(processesWith('JEPSEN_CLUSTER', record.cluster)).toEqual([member.pid]);
    member.kill('SIGKILL');
    await once(member, 'exit');
    record.delete();
    expect(readdirSync(directory)).toEqual([]);
  });
});
