import { Member } from '@raft-ts/statemachine/member';
import { type LogStore, MemoryLogStore } from 'raft-ts';
import { RocksLogStore } from 'raft-ts/rocksdb';
import { Cells } from './cells.js';
import { EarlyLogStore } from './early-log-store.js';
import { parseLaunch } from './launch.js';

// node service.js LAUNCH: one process of a small service that embeds a replicated state machine.
const { id, directory, listen, advertise, founders, bug } = parseLaunch(process.argv[2] ?? '');
const clusterId = 'jepsen';
const log = await logWithBug();
const member = await Member.open({
  id,
  clusterId,
  application: { name: 'cells', version: 1 },
  directory,
  machine: new Cells(),
  listen,
  advertise,
  founders,
  ...(log === undefined ? {} : { log }),
  // So small that logs are cut, and states fetched, while a test runs.
  compaction: { everyEntries: 4_000, everyBytes: 1024 * 1024, keepEntries: 500 },
});
process.once('SIGTERM', () => void member.close());
const failure = await member.stopped;
if (failure !== undefined) throw failure;

/** Without a bug the member opens its own. */
async function logWithBug(): Promise<LogStore | undefined> {
  if (bug === 'forgets') return MemoryLogStore.open();
  if (bug === undefined) return undefined;
  return new EarlyLogStore(await RocksLogStore.open({ directory, clusterId, memberId: id }));
}
