import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Applier, type Entry, EntryType, Replica, TcpTransport } from './index.js';
import { RocksLogStore } from './log/rocksdb/index.js';

/** The replicated thing: here, lines in memory. A real one also remembers `appliedIndex`. */
class Lines implements Applier {
  readonly appliedIndex = 0;
  readonly lines: string[] = [];
  onLine: () => void = () => {};

  appended(): void {}

  apply(entries: readonly Entry[]): undefined {
    for (const { type, data } of entries) {
      if (type !== EntryType.Command) continue;
      this.lines.push(Buffer.from(data).toString());
      this.onLine();
    }
  }
}

/** One member of a cluster of one; give `initialVoters` and `peers` the others to have more. */
export async function example(): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'raft-example-'));
  const identity = { clusterId: 'example', memberId: 1 };
  const lines = new Lines();
  const peers = new Map([[1, '127.0.0.1:0']]);
  await using replica = await Replica.start({
    id: 1,
    clusterId: 'example',
    initialVoters: [1],
    log: await RocksLogStore.open({ directory, ...identity }),
    transport: new TcpTransport({ id: 1, clusterId: 'example', address: '127.0.0.1:0', peers }),
    applier: lines,
  });
  await new Promise<void>((leads) => {
    replica.onChange(() => replica.status().role === 'leader' && leads());
  });
  const applied = new Promise<void>((resolve) => {
    lines.onLine = resolve;
  });
  replica.propose(Buffer.from('hello'));
  await applied; // committed: on the disks of a majority
  await replica.readIndex(); // what is read now is linearizable
  return lines.lines;
}
