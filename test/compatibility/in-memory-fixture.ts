import { join } from 'node:path';
import type { WireValue } from '@raft-ts/net';
import { eventually, freeAddresses } from '@raft-ts/net/testing';
import {
  decodeRecords,
  encodeRecords,
  InMemoryMachine,
  type InMemoryStateMachine,
  SnapshotMap,
  StateMachineError,
  StateMachineService,
} from '@raft-ts/statemachine';
import { Member } from '@raft-ts/statemachine/member';
import { type SnapshotHeader, SnapshotKeeper } from 'raft-ts';
import { type LogContents, logContents } from './contents.js';
import { copyWithoutTraces } from './write-fixture.js';

const CLUSTER_ID = 'compatibility-in-memory';
const MEMBER_ID = 1;
const APPLICATION = { name: 'compatibility', version: 1 };
/** The log is cut once, and what is written behind the snapshot is less. */
const COMPACTION = { everyEntries: 40, keepEntries: 5 };
const KEYS = 60;

type Put = readonly [key: string, value: WireValue];

/** Values by key; putting null removes one. A put answers with what was there. */
class Values implements InMemoryStateMachine<Put, string> {
  readonly entries = new SnapshotMap<string, WireValue>();

  parseCommand(value: WireValue): Put {
    const [key, put = null]: readonly WireValue[] = Array.isArray(value) ? value : [];
    if (typeof key === 'string') return [key, put];
    throw new StateMachineError('INVALID_COMMAND', 'a command is [key, value]');
  }

  parseQuery(value: WireValue): string {
    if (typeof value === 'string') return value;
    throw new StateMachineError('INVALID_QUERY', 'a query is a key');
  }

  apply([key, value]: Put): WireValue {
    const before = this.entries.get(key) ?? null;
    if (value === null) this.entries.delete(key);
    else this.entries.set(key, value);
    return before;
  }

  query(key: string): WireValue {
    return this.entries.get(key) ?? null;
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return encodeRecords(this.entries.moment());
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.entries.clear();
    for await (const one of decodeRecords(chunks)) this.entries.set(...this.parseCommand(one));
  }
}

/** The member of the fixture, alone in its cluster, at addresses of this machine. */
export async function openInMemoryMember(directory: string): Promise<Member<Put, string>> {
  const [member = '', client = '', http = ''] = await freeAddresses(3);
  const listen = { member, client, http };
  return await Member.open({
    id: MEMBER_ID,
    clusterId: CLUSTER_ID,
    directory,
    application: APPLICATION,
    machine: new Values(),
    listen,
    founders: { [MEMBER_ID]: listen },
    compaction: COMPACTION,
    snapshots: { minFreeBytes: 0 },
  });
}

/** Runs such a member below `scratch`, and copies its directory to `target`: a snapshot, and a log behind it. */
export async function writeInMemoryFixture(scratch: string, target: string): Promise<void> {
  await writeEntries(scratch);
  copyWithoutTraces(scratch, target, ['log']);
}

async function writeEntries(directory: string): Promise<void> {
  await using member = await openInMemoryMember(directory);
  await member.command(['removed', 'for a while']);
  await member.command(['bytes', Buffer.from([0, 255])]);
  await member.command(['last', ['put', 'in the snapshot']]);
  await member.command(['removed', null]);
  await member.command(['last', null]);
  // One entry each.
  for (let i = 0; i < KEYS; i++) await member.command([`key ${i}`, i]);
  await eventually('the log is cut', () => member.replica.status().firstIndex > 1);
  await member.command(['last', ['put', 'behind the snapshot']]);
}

export interface InMemoryContents {
  readonly log: LogContents;
  readonly snapshots: readonly SnapshotHeader[];
  readonly appliedIndex: number;
  readonly logTimeMs: number;
  readonly sessions: number;
  readonly savedResultBytes: number;
  readonly entries: Readonly<Record<string, WireValue>>;
}

/** What the directory holds, as JSON: its log, and the state of its newest snapshot. Opening it changes files. */
export async function inMemoryContentsOf(directory: string): Promise<InMemoryContents> {
  const log = await logContents({ directory, clusterId: CLUSTER_ID, memberId: MEMBER_ID });
  const keeper = await SnapshotKeeper.open({
    directory: join(directory, 'snapshots'),
    clusterId: CLUSTER_ID,
    keepsNewest: true,
  });
  const values = new Values();
  const machine = await InMemoryMachine.open({
    machine: values,
    clusterId: CLUSTER_ID,
    application: APPLICATION,
    keeper,
    baseAt: () => undefined,
  });
  await using service = await StateMachineService.open({ machine, clientAddresses: new Map() });
  const { appliedIndex, logTimeMs, sessions, savedResultBytes } = service.status();
  return {
    log,
    snapshots: keeper.snapshots.map(({ header }) => header),
    appliedIndex,
    logTimeMs,
    sessions,
    savedResultBytes,
    entries: Object.fromEntries([...values.entries].map(([key, value]) => [key, shown(value)])),
  };
}

function shown(value: WireValue): WireValue {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
