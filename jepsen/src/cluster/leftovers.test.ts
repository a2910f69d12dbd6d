import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearLeftovers, MachineRecord } from './leftovers.js';
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
