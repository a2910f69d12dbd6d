import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpServer } from '@raft-ts/net';
import { eventually } from '@raft-ts/net/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Entry, EntryType, type MemberId } from '../../core/log/entry.js';
import { EMPTY_BASE } from '../../core/log/log-state.js';
import { MemoryLogDisk, MemoryLogStore } from '../../log/memory-log-store.js';
import type { Applier } from '../../replica/applier.js';
import { Replica } from '../../replica/replica.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { MemoryNetwork } from '../../transport/memory-transport.js';
import { HttpSnapshotSource } from '../http-snapshot-source.js';
import { finishReplacing } from '../replace-directory.js';
import { SnapshotKeeper } from '../snapshot-keeper.js';
import { SnapshotServer } from '../snapshot-server.js';
import { RocksSnapshotReceiver } from './rocks-snapshot-receiver.js';
import { RocksSnapshotSupply } from './rocks-snapshot-supply.js';
import { allRows } from './rocks-state.test.support.js';

const CLUSTER = { clusterId: 'c', application: { name: 'rows', version: 1 } };
const APPLIED = Buffer.from('applied');
const VOTERS = [1, 2, 3];

/** Each command is a row; how far it came is one, too. */
class RowsMachine implements Applier {
  readonly directory: string;
  readonly supply = new RocksSnapshotSupply({
    database: () => this.database,
    base: () => this.replica?.baseAt(this.appliedIndex),
    whileNothingIsApplied: async (work) => {
      const held = work();
      this.#held = held.then(() => {
        this.#held = undefined;
      });
      return await held;
    },
  });
  replica: Replica | undefined;
  appliedIndex = 0;
  #database: RocksDatabase | undefined;
  #held: Promise<void> | undefined;

  constructor(directory: string) {
    this.directory = directory;
  }

  get database(): RocksDatabase {
    if (this.#database === undefined) throw new Error('it is not open');
    return this.#database;
  }

  async open(): Promise<void> {
    await finishReplacing(this.directory);
    this.#database = await RocksDatabase.open({ directory: this.directory });
    const [applied] = this.#database.getManySync([APPLIED]);
    this.appliedIndex = Number(applied ?? 0);
  }

  async close(): Promise<void> {
    await this.#database?.close();
  }

  appended(): void {}

  apply(entries: readonly Entry[]): Promise<void> | undefined {
    if (this.#held !== undefined) return this.#held.then(() => this.#write(entries));
    this.#write(entries);
    return undefined;
  }

  async installed(index: number): Promise<void> {
    expect(this.appliedIndex).toBe(index);
  }

  async replace(replace: () => Promise<void>): Promise<void> {
    await this.supply.release();
    await this.close();
    await replace();
    await this.open();
  }

  #write(entries: readonly Entry[]): void {
    const batch = this.database.batch();
    for (const { index, type, data } of entries) {
      if (type === EntryType.Command) batch.put(Buffer.from(`row ${index}`), data);
      this.appliedIndex = index;
    }
    batch.put(APPLIED, Buffer.from(`${this.appliedIndex}`));
    batch.write({ sync: false });
  }
}

/** One member: replica, state, what it serves and where it fetches from. */
class Member {
  readonly machine: RowsMachine;
  readonly disk = new MemoryLogDisk();
  asked = 0;
  address = '';
  #closing: (() => Promise<void>)[] = [];

  constructor(directory: string) {
    this.machine = new RowsMachine(join(directory, 'state'));
  }

  async start(id: MemberId, members: readonly Member[], network: MemoryNetwork): Promise<void> {
    const { machine } = this;
    const directory = join(machine.directory, '..', 'snapshots');
    await mkdir(directory, { recursive: true });
    await machine.open();
    const keeper = await SnapshotKeeper.open({ directory, clusterId: CLUSTER.clusterId });
    const server = new SnapshotServer({ ...CLUSTER, keeper, supply: machine.supply });
    const http = await HttpServer.open('127.0.0.1:0', (request) => {
      this.asked++;
      return server.handle(request);
    });
    this.address = http.address;
    const receiver = new RocksSnapshotReceiver({
      directory: machine.directory,
      install: (replace) => machine.replace(replace),
    });
    const source = new HttpSnapshotSource({
      ...CLUSTER,
      receiver,
      peers: () =>
        members.flatMap((other, at) =>
          other === this ? [] : [{ member: at + 1, address: other.address }],
        ),
    });
    const replica = await Replica.start({
      id,
      clusterId: CLUSTER.clusterId,
      initialVoters: VOTERS,
      log: MemoryLogStore.open(this.disk),
      transport: network.transport(id),
      applier: machine,
      snapshots: source,
      // However busy the machine is, nobody is taken for dead.
      tickMs: 100,
    });
    machine.replica = replica;
    this.#closing = [replica, source, receiver, http, server, machine].map((part) => async () => {
      if (part instanceof Replica) await part.stop();
      else await part.close();
    });
  }

  async stop(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close();
  }
}

let root: string;
let members: Member[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'replica-snapshots-'));
  members = [];
  for (const id of VOTERS) {
    const directory = join(root, `member-${id}`);
    await mkdir(directory);
    members.push(new Member(directory));
  }
});

afterEach(async () => {
  for (const member of members) await member.stop();
  await rm(root, { recursive: true, force: true });
});

/** But how far it came: the leader has entries of its own that others apply a moment later. */
function commandsIn({ machine }: Member): Map<string, string> {
  const rows = allRows(machine.database);
  rows.delete(`${APPLIED}`);
  return rows;
}

const statusOf = ({ machine }: Member) => machine.replica?.status();

async function leaderOf(running: readonly Member[]): Promise<Member> {
  let leader: Member | undefined;
  await eventually('one leads', () => {
    leader = running.find((member) => statusOf(member)?.role === 'leader');
    return leader !== undefined;
  });
  if (leader === undefined) throw new Error('nobody leads');
  return leader;
}

/** Has all that run apply these commands, whoever leads; returns the index that they have come to. */
async function replicate(running: readonly Member[], commands: readonly Buffer[]): Promise<number> {
  for (;;) {
    const leader = await leaderOf(running);
    const term = statusOf(leader)?.term;
    let last = 0;
    for (const command of commands) last = leader.machine.replica?.propose(command).index ?? 0;
    const applied = () => running.every(({ machine }) => machine.appliedIndex >= last);
    const overtaken = () => statusOf(leader)?.term !== term;
    await eventually('all have applied it', () => applied() || overtaken());
    if (!overtaken()) return last;
  }
}

it('a state that is being written is given up before its database is closed', async () => {
  const network = new MemoryNetwork();
  await Promise.all(members.map((member, at) => member.start(at + 1, members, network)));
  const { machine } = await leaderOf(members);
  const last = await replicate(members, [Buffer.from('a'), Buffer.from('b')]);
  expect(await machine.supply.take(last + 1_000)).toBeUndefined();
  const state = await machine.supply.take(last);
  expect(state?.base.index).toBeGreaterThanOrEqual(last);
  expect(await machine.supply.estimatedBytes()).toBeGreaterThan(0);
  await machine.supply.release();
  await machine.close();
  const header = { ...CLUSTER, group: 0, base: EMPTY_BASE, contents: 'rows' } as const;
  const path = join(root, 'file');
  const { signal } = new AbortController();
  await expect(state?.write(path, header, { signal })).rejects.toMatchObject({
    code: 'SNAPSHOT_FAILED',
  });
});

it('a member that was away gets the state from another over HTTP, and goes on with the log', async () => {
  const network = new MemoryNetwork();
  await Promise.all(members.map((member, at) => member.start(at + 1, members, network)));
  const first = await leaderOf(members);
  const away = members.find((member) => member !== first);
  const running = members.filter((member) => member !== away);
  if (away === undefined) throw new Error('all lead');
  await away.stop();
  const commands = Array.from({ length: 300 }, (_, i) => Buffer.alloc(10_000, i));
  const last = await replicate(running, commands);
  for (const { machine } of running) machine.replica?.compact(last);
  await away.start(members.indexOf(away) + 1, members, network);
  await eventually('it has the state', () => away.machine.appliedIndex >= last);
  await replicate(members, [Buffer.from('behind it')]);
  const state = commandsIn(away);
  for (const member of running) expect(commandsIn(member)).toEqual(state);
  expect(state.size).toBeGreaterThan(300);
  expect(statusOf(away)).toMatchObject({ snapshotFailure: undefined });
  expect(running.some(({ asked }) => asked > 0)).toBe(true);
});
