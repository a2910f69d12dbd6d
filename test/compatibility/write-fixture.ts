import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, freeAddresses } from '@raft-ts/net/testing';
import { NamespaceClient } from 'inode-app';
import { type MemberId, type MembershipChange, MemoryNetwork } from 'raft-ts';
import { LEAVE_JOINT } from 'raft-ts/core';
import { type MemberData, RunningMember } from './member.js';

const CLUSTER_ID = 'compatibility';
const IDS: readonly MemberId[] = [1, 2, 3];
/** More than what one step of reclaiming gives back. */
const FILES_IN_TRASH = 700;
/** Seconds without a leader before an election: the lead changes only when it is told to. */
const PATIENT = { electionTicks: 100, maxWriteTicks: 0 };
/** Longer than writing a fixture takes. */
const NO_MORE_WORK_MS = 600_000;

/** The member whose directory is kept. */
export const FIXTURE_MEMBER: Omit<MemberData, 'directory'> = { clusterId: CLUSTER_ID, memberId: 1 };

/**
 * Runs a cluster below `scratch` that does a bit of everything, and copies the directory of its
 * leader to `target`. Every directory is opened once only: RocksDB writes this machine's name into
 * the files that it makes of a write-ahead log when it opens one.
 */
export async function writeFixture(scratch: string, target: string): Promise<void> {
  const addresses = await freeAddresses(IDS.length);
  const clientAddresses = new Map(IDS.map((id, at) => [id, addresses[at] ?? '']));
  const cluster = await History.begin(scratch, clientAddresses);
  await cluster.run();
  copyWithoutTraces(cluster.directory(FIXTURE_MEMBER.memberId), target, ['log', 'store']);
}

class History {
  readonly #scratch: string;
  readonly #addresses: ReadonlyMap<MemberId, string>;
  readonly #members = new Map<MemberId, RunningMember>();

  private constructor(scratch: string, addresses: ReadonlyMap<MemberId, string>) {
    this.#scratch = scratch;
    this.#addresses = addresses;
  }

  static async begin(scratch: string, addresses: ReadonlyMap<MemberId, string>): Promise<History> {
    const history = new History(scratch, addresses);
    const network = new MemoryNetwork();
    const start = async (memberId: MemberId) => {
      const member = await RunningMember.start({
        directory: history.directory(memberId),
        clusterId: CLUSTER_ID,
        memberId,
        transport: network.transport(memberId),
        initialVoters: IDS,
        initialEndpoints: Object.fromEntries(IDS.map((id) => [id, endpointsOf(id)])),
        clientAddresses: addresses,
        workPauseMs: NO_MORE_WORK_MS,
        raft: PATIENT,
      });
      history.#members.set(memberId, member);
    };
    await Promise.all(IDS.map(start));
    return history;
  }

  directory(id: MemberId): string {
    return join(this.#scratch, `member-${id}`);
  }

  async run(): Promise<void> {
    const addresses = [...this.#addresses.values()];
    await using first = new NamespaceClient({ addresses });
    await using second = new NamespaceClient({ addresses });
    await this.#lead(2);
    await makeTree(first);
    await this.#lead(1);
    await this.#compact();
    await this.#changeMembership();
    await this.#lead(3);
    await changeTree(first, second);
    await this.#lead(1);
    // A new leader's own work begins with what the sessions' limits are: the trash comes after that.
    await first.delete('/trash', { recursive: true });
    await this.#stop();
  }

  /** A new term, led by `id`. */
  async #lead(id: MemberId): Promise<void> {
    const leader = await this.#leader();
    if (leader.id !== id) await leader.replica.transferLeadership(id);
    await eventually(`member ${id} leads`, () => this.#member(id).leads);
  }

  async #leader(): Promise<RunningMember> {
    let leader: RunningMember | undefined;
    await eventually('there is a leader', () => {
      leader = [...this.#members.values()].find(({ leads }) => leads);
      return leader !== undefined;
    });
    if (leader === undefined) throw new Error('there is no leader');
    return leader;
  }

  #member(id: MemberId): RunningMember {
    const member = this.#members.get(id);
    if (member === undefined) throw new Error(`member ${id} does not run`);
    return member;
  }

  async #compact(): Promise<void> {
    const { replica } = this.#member(1);
    const { lastIndex } = replica.status();
    await eventually('all members have applied everything', () =>
      [...this.#members.values()].every((member) => member.replica.status().applied >= lastIndex),
    );
    replica.compact(lastIndex);
    await eventually('the log is compacted', () => replica.status().firstIndex > lastIndex);
  }

  /** One simple change, one through a joint configuration that is left later, one of endpoints. */
  async #changeMembership(): Promise<void> {
    const learner = (id: MemberId) =>
      ({ type: 'add-learner', id, endpoints: endpointsOf(id) }) as const;
    const changes: readonly MembershipChange[] = [
      { changes: [learner(4)], transition: 'auto' },
      { changes: [learner(5), { type: 'remove', id: 4 }], transition: 'explicit' },
      LEAVE_JOINT,
      {
        changes: [{ type: 'update', id: 5, endpoints: { member: 'elsewhere.example:1' } }],
        transition: 'auto',
      },
    ];
    for (const change of changes) await this.#member(1).replica.changeMembership(change);
  }

  async #stop(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => member[Symbol.asyncDispose]()));
  }
}

function endpointsOf(id: MemberId) {
  const host = `member-${id}.example`;
  return { member: `${host}:19997`, client: `${host}:19998`, http: `${host}:19999` };
}

async function makeTree(client: NamespaceClient): Promise<void> {
  await client.mkdir('/trash/deep/er', { parents: true });
  const file = (i: number) =>
    ({ kind: 'create', path: `/trash/deep/${i}`, attributes: {} }) as const;
  await client.batch(Array.from({ length: FILES_IN_TRASH }, (_, i) => file(i)));
  await client.mkdir('/empty', { attributes: { mode: 0o1777 } });
  await client.mkdir('/projects/raft', { parents: true, attributes: { owner: 'ada' } });
  const attributes = {
    mode: 0o640,
    owner: 'grace',
    group: 'navy',
    size: 2 ** 40 + 1,
    modifiedMs: -1_000,
    accessedMs: 1_700_000_000_000,
  };
  await client.create('/projects/raft/thesis.pdf', { attributes });
  await client.create('/projects/raft/höst \udcff');
  await client.symlink('../raft/thesis.pdf', '/projects/read-me');
}

async function changeTree(first: NamespaceClient, second: NamespaceClient): Promise<void> {
  await second.create('/projects/notes');
  await first.rename('/projects/raft', '/projects/consensus');
  await second.setAttribute('/projects/notes', { size: 3, mode: 0o600 });
  await first.delete('/empty');
  const refused = await second.batch([
    { kind: 'mkdir', path: '/missing/below', parents: false, attributes: {} },
    { kind: 'create', path: '/projects/last', attributes: {} },
  ]);
  if (!refused.some((outcome) => 'error' in outcome)) throw new Error('nothing was refused');
}

/** Leaves out what is about this machine, or is made again, of the databases. */
export function copyWithoutTraces(
  directory: string,
  target: string,
  databases: readonly string[],
): void {
  cpSync(directory, target, { recursive: true });
  for (const database of databases) {
    for (const name of readdirSync(join(target, database))) {
      if (name === 'LOCK' || name.startsWith('LOG')) rmSync(join(target, database, name));
      if (name.endsWith('.sst')) throw new Error(`${database}/${name} names this machine`);
    }
  }
}
