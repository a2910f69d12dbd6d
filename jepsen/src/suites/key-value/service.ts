import { Member } from '@raft-ts/statemachine/member';
import { MemoryLogStore } from 'raft-ts';
import { Cells } from './cells.js';
import { parseLaunch } from './launch.js';

// node service.js LAUNCH: one process of a small service that embeds a replicated state machine.
const { id, directory, listen, founders, forgets } = parseLaunch(process.argv[2] ?? '');
const member = await Member.open({
  id,
  clusterId: 'jepsen',
  application: { name: 'cells', version: 1 },
  directory,
  machine: new Cells(),
  listen,
  founders,
  ...(forgets ? { log: MemoryLogStore.open() } : {}),
  // So small that logs are cut, and states fetched, while a test runs.
  compaction: { everyEntries: 4_000, everyBytes: 1024 * 1024, keepEntries: 500 },
});
process.once('SIGTERM', () => void member.close());
const failure = await member.stopped;
if (failure !== undefined) throw failure;
