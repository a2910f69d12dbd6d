import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freeAddresses } from '@raft-ts/net/testing';
import {
  type Endpoints,
  type EndpointsByMember,
  type MemberId,
  MemoryLogDisk,
  MemoryLogStore,
} from 'raft-ts';
import { Tally, type TallyCommand } from '../machine/tally.test.support.js';
import { Member } from './member.js';
import type { MemberEvent } from './member-event.js';
import type { MemberOptions } from './member-options.js';

export type TallyMember = Member<TallyCommand, string>;
export type TallyOptions = Omit<MemberOptions<TallyCommand, string>, 'outside'>;

const ADDRESSES_OF_A_MEMBER = 3;

/** Whole members in one process, each with its files and ports; their logs are in memory, unless that is not wanted. */
export class MemberCluster implements AsyncDisposable {
  readonly directory: string;
  /** Of those who found it, and of one who may come later. */
  readonly endpoints: Readonly<Record<MemberId, Required<Endpoints>>>;
  readonly founders: EndpointsByMember;
  readonly #given: Partial<TallyOptions>;
  /** Logs on RocksDB. */
  durableLogs = false;
  readonly #logs = new Map<MemberId, MemoryLogDisk>();
  readonly tallies = new Map<MemberId, Tally>();
  readonly running = new Map<MemberId, TallyMember>();
  readonly events: (MemberEvent & { readonly member: MemberId })[] = [];

  private constructor(
    directory: string,
    endpoints: Readonly<Record<MemberId, Required<Endpoints>>>,
    size: number,
    given: Partial<TallyOptions>,
  ) {
    this.directory = directory;
    this.endpoints = endpoints;
    this.founders = Object.fromEntries(
      Object.entries(endpoints).filter(([id]) => Number(id) <= size),
    );
    this.#given = given;
  }

  static async create(size: number, given: Partial<TallyOptions> = {}): Promise<MemberCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'members-'));
    const addresses = await freeAddresses((size + 1) * ADDRESSES_OF_A_MEMBER);
    const endpoints: Record<MemberId, Required<Endpoints>> = {};
    for (let id = 1; id <= size + 1; id++) {
      const [member = '', client = '', http = ''] = addresses.slice(
        (id - 1) * ADDRESSES_OF_A_MEMBER,
      );
      endpoints[id] = { member, client, http };
    }
    return new MemberCluster(directory, endpoints, size, given);
  }

  get ids(): readonly MemberId[] {
    return Object.keys(this.founders).map(Number);
  }

  directoryOf(id: MemberId): string {
    return join(this.directory, `${id}`);
  }

  listenOf(id: MemberId): Required<Endpoints> {
    const listen = this.endpoints[id];
    if (listen === undefined) throw new Error(`there is no member ${id}`);
    return listen;
  }

  options(id: MemberId): TallyOptions {
    const listen = this.listenOf(id);
    const machine = new Tally();
    this.tallies.set(id, machine);
    return {
      id,
      clusterId: 'tallies',
      directory: this.directoryOf(id),
      application: { name: 'tally', version: 1 },
      machine,
      listen,
      founders: this.founders,
      snapshots: { minFreeBytes: 0 },
      ...(this.durableLogs ? {} : { log: MemoryLogStore.open(this.#diskOf(id)) }),
      onEvent: (event) => this.events.push({ ...event, member: id }),
      ...this.#given,
    };
  }

  #diskOf(id: MemberId): MemoryLogDisk {
    const disk = this.#logs.get(id) ?? new MemoryLogDisk();
    this.#logs.set(id, disk);
    return disk;
  }

  /** Of one that does not run. */
  async wipe(id: MemberId): Promise<void> {
    this.#logs.delete(id);
    await rm(this.directoryOf(id), { recursive: true });
  }

  async open(id: MemberId, given: Partial<TallyOptions> = {}): Promise<TallyMember> {
    const member = await Member.open({ ...this.options(id), ...given });
    this.running.set(id, member);
    return member;
  }

  async openAll(): Promise<void> {
    await Promise.all(this.ids.map((id) => this.open(id)));
  }

  member(id: MemberId): TallyMember {
    const member = this.running.get(id);
    if (member === undefined) throw new Error(`member ${id} does not run`);
    return member;
  }

  async close(id: MemberId): Promise<void> {
    await this.running.get(id)?.close();
    this.running.delete(id);
  }

  /** All at once, as when a data centre loses power and is told of it. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.running.keys()].map((id) => this.close(id)));
  }

  leader(): TallyMember | undefined {
    return [...this.running.values()].find(({ replica }) => replica.status().role === 'leader');
  }

  /** So many commands, each of which adds 1 to one of 50 names. */
  async count(times: number, at: TallyMember): Promise<void> {
    const names = Array.from({ length: times }, (_, i) => `name ${i % 50}`);
    await Promise.all(names.map((name) => at.command([name, 1])));
  }

  /** Waits until all that run have cut their log. */
  async untilCut(): Promise<void> {
    await eventually('every log is cut', () =>
      [...this.running.values()].every(({ replica }) => replica.status().firstIndex > 1),
    );
  }

  /** What each counts, in all; as of the last command of any client. */
  async sums(): Promise<readonly number[]> {
    const sums = [...this.running].map(async ([id, member]) => {
      await member.query('');
      return [...(this.tallies.get(id)?.counts ?? [])].reduce((sum, [, count]) => sum + count, 0);
    });
    return await Promise.all(sums);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeAll();
    await rm(this.directory, { recursive: true, force: true });
  }
}
