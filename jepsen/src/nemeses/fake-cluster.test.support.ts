import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, MemberEnd, Surroundings } from '../cluster/cluster.js';
import type { Database, MemberRole } from '../cluster/database.js';
import type { MemberDisks } from '../cluster/disk/member-disk.js';
import type { MemberPlace } from '../cluster/member.js';
import type { LinkFault, Network, Peer } from '../cluster/network/network.js';

type ProcessState = 'running' | 'paused' | 'ended';

/** Members that are but states. What is done to it is written down, and what can't be done fails as in a real one. */
export class FakeCluster implements Cluster {
  /** In the order in which it was done. */
  readonly did: string[] = [];
  readonly states = new Map<number, ProcessState>();
  readonly surroundings = new Map<number, Partial<Surroundings>>();
  /** Members that end as soon as they are started. */
  readonly refusing = new Set<number>();
  readonly filled = new Set<number>();
  readonly links = new Map<string, LinkFault>();
  leader: number | undefined;
  readonly members: readonly MemberPlace[];
  readonly database: Database;
  readonly network: Network;
  readonly scratchDirectory: string;
  readonly disks: MemberDisks;
  readonly ends: readonly MemberEnd[] = [];

  private constructor(directory: string, count: number, database: Partial<Database>) {
    this.scratchDirectory = directory;
    this.members = Array.from({ length: count }, (_, at) => fakeMember(directory, at + 1));
    for (const { id } of this.members) this.states.set(id, 'running');
    this.network = this.#fakeNetwork();
    this.disks = this.#fakeDisks();
    this.database = {
      name: 'fake',
      ports: [],
      command: () => ({ file: 'fake', args: [] }),
      isServing: async ({ id }) => this.states.get(id) === 'running',
      ...database,
    };
  }

  static async of(count: number, database: Partial<Database> = {}): Promise<FakeCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'jepsen-fake-'));
    const cluster = new FakeCluster(directory, count, database);
    for (const member of cluster.members) {
      await mkdir(join(member.directory, 'log'), { recursive: true });
      await writeFile(join(member.directory, 'log', 'entries'), 'entries of a log, many of them');
      await writeFile(join(member.directory, 'vote'), `term 7, vote ${member.id}`);
    }
    return cluster;
  }

  /** A member ends by itself. */
  crash(id: number): void {
    this.#move(id, ['running', 'paused'], 'ended', `crash ${id}`);
  }

  isRunning(id: number): boolean {
    return this.states.get(id) !== 'ended';
  }

  processId(): undefined {
    return undefined;
  }

  async start(id: number): Promise<void> {
    this.launch(id);
  }

  launch(id: number): void {
    this.#move(id, ['ended'], 'running', `launch ${id}`);
    if (this.refusing.has(id)) this.states.set(id, 'ended');
  }

  async kill(id: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const from: readonly ProcessState[] =
      signal === 'SIGKILL' ? ['running', 'paused'] : ['running'];
    this.#move(id, from, 'ended', `kill ${id} ${signal}`);
  }

  pause(id: number): void {
    this.#move(id, ['running'], 'paused', `pause ${id}`);
  }

  resume(id: number): void {
    this.#move(id, ['paused'], 'running', `resume ${id}`);
  }

  surround(id: number, surroundings: Partial<Surroundings>): void {
    this.surroundings.set(id, { ...this.surroundings.get(id), ...surroundings });
  }

  async roles(): Promise<ReadonlyMap<number, MemberRole>> {
    return new Map(
      this.members.map(({ id }) => [id, id === this.leader ? 'leader' : 'follower'] as const),
    );
  }

  async cutPower(id: number): Promise<void> {
    this.states.set(id, 'ended');
    this.filled.delete(id);
    this.did.push(`cut power ${id}`);
  }

  /** What is not as it was at first. */
  notAtRest(): readonly string[] {
    return [
      ...[...this.states]
        .filter(([, state]) => state !== 'running')
        .map(([id, state]) => `${id} ${state}`),
      ...[...this.links.keys()].map((link) => `link ${link}`),
      ...[...this.filled].map((id) => `disk of ${id} full`),
      ...[...this.surroundings]
        .filter(([, { openFiles }]) => openFiles !== undefined)
        .map(([id]) => `few open files for ${id}`),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.scratchDirectory, { recursive: true, force: true });
  }

  #move(id: number, from: readonly ProcessState[], to: ProcessState, what: string): void {
    const state = this.states.get(id) ?? 'ended';
    if (!from.includes(state)) throw new Error(`${what}: it is ${state}`);
    this.states.set(id, to);
    this.did.push(what);
  }

  #fakeDisks(): MemberDisks {
    return {
      kind: 'devices',
      unavailable: {},
      fill: async (id, freeBytes = 0) => {
        this.filled.add(id);
        this.did.push(`fill ${id} but for ${freeBytes}`);
      },
      free: async (id) => {
        if (this.filled.delete(id)) this.did.push(`free ${id}`);
      },
      losePower: () => Promise.reject(new Error('the cluster does that')),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  #fakeNetwork(): Network {
    const set = (from: Peer, to: Peer, fault: LinkFault) => {
      if (Object.keys(fault).length === 0) this.links.delete(`${from}>${to}`);
      else this.links.set(`${from}>${to}`, fault);
      this.did.push(`link ${from}>${to} ${JSON.stringify(fault)}`);
    };
    return {
      kind: 'proxies',
      unavailable: {},
      enter: () => [],
      setLink: async (from, to, fault) => set(from, to, fault),
      reset: async (from, to) => void this.did.push(`reset ${from}>${to}`),
      heal: async () => this.links.clear(),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
}

function fakeMember(directory: string, id: number): MemberPlace {
  return {
    id,
    name: `n${id}`,
    host: '127.0.0.1',
    ports: {},
    peerAddresses: {},
    clientAddresses: {},
    directory: join(directory, `n${id}`),
    logFile: join(directory, `n${id}.log`),
  };
}
