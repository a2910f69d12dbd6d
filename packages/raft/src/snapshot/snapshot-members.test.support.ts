import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HttpRequest, type HttpResponse, HttpServer } from '@raft-ts/net';
import type { SnapshotPeer } from '../core/message.js';
import { makeDirectory } from '../log/rocksdb/data-directory.js';
import { HEADER } from './snapshot.test.support.js';
import { SnapshotKeeper, type SnapshotKeeperOptions } from './snapshot-keeper.js';
import type { SnapshotRow } from './snapshot-rows.js';
import { SnapshotServer, type SnapshotServerOptions } from './snapshot-server.js';
import { type SnapshotState, stateOf } from './snapshot-state.js';

export interface ServingOptions {
  readonly server?: Partial<SnapshotServerOptions>;
  readonly keeper?: Partial<SnapshotKeeperOptions>;
}

/** Members that serve snapshots, in a directory of their own. */
export class SnapshotMembers {
  readonly directory: string;
  readonly #members: ServingMember[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<SnapshotMembers> {
    return new SnapshotMembers(await mkdtemp(join(tmpdir(), 'snapshot-members-')));
  }

  async add(options: ServingOptions = {}) {
    const id = this.#members.length + 1;
    const member = new ServingMember(id, join(this.directory, `member-${id}`), options);
    this.#members.push(member);
    await member.start();
    return member;
  }

  get peers(): readonly SnapshotPeer[] {
    return this.#members.map(({ id, address }) => ({ member: id, address }));
  }

  async remove(): Promise<void> {
    for (const member of this.#members) await member.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** One that can be stopped and started again at the same address, and looked at. */
export class ServingMember {
  readonly id: number;
  readonly directory: string;
  readonly #options: ServingOptions;
  /** Paths that were asked for, with the range. */
  readonly requests: string[] = [];
  /** How many states were taken. */
  taken = 0;
  index = 7;
  rows: readonly SnapshotRow[] = [];
  /** What a request has to wait for. */
  intercept: (request: HttpRequest) => Promise<void> = async () => {};
  address = '127.0.0.1:0';
  keeper: SnapshotKeeper | undefined;
  #server: HttpServer | undefined;
  #snapshots: SnapshotServer | undefined;

  constructor(id: number, directory: string, options: ServingOptions) {
    this.id = id;
    this.directory = directory;
    this.#options = options;
  }

  get snapshots(): SnapshotServer {
    if (this.#snapshots === undefined) throw new Error('it is not started');
    return this.#snapshots;
  }

  async start(): Promise<void> {
    await makeDirectory(this.directory);
    const { clusterId } = HEADER;
    this.keeper = await SnapshotKeeper.open({
      directory: this.directory,
      clusterId,
      readerTimeoutMs: 1,
      ...this.#options.keeper,
    });
    this.#snapshots = new SnapshotServer({
      clusterId,
      application: HEADER.application,
      keeper: this.keeper,
      supply: { take: async (index) => (index <= this.index ? this.#take() : undefined) },
      ...this.#options.server,
    });
    this.#server = await HttpServer.open(this.address, (request) => this.#handle(request));
    this.address = this.#server.address;
  }

  #take(): SnapshotState {
    this.taken++;
    const { rows } = this;
    async function* pages() {
      for (const row of rows) yield [row];
    }
    return stateOf({ ...HEADER.base, index: this.index }, { rows: pages() });
  }

  async #handle(request: HttpRequest): Promise<HttpResponse> {
    const { range = '' } = request.headers;
    const query = request.query.size > 0 ? `?${request.query}` : '';
    this.requests.push(`${request.path.replace(/.*snapshots./, '')}${query} ${range}`.trim());
    await this.intercept(request);
    return await this.snapshots.handle(request);
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    await this.#snapshots?.close();
  }
}
