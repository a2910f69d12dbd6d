import type { Cluster } from '../cluster/cluster.js';
import type { Database } from '../cluster/database.js';
import type { CallInput } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import type { Suite } from '../suites/suite.js';
import type { Client } from '../workloads/workload.js';

/** Registers in this process that stand for a system of any number of members. */
export class FakeSystem {
  readonly values = new Map<Json, Json>();
  readonly running = new Set<number>();
  isClosed = false;
  /** Called in the place of a call, where it is set. */
  answer: ((input: CallInput) => Promise<Json>) | undefined;
  /** What a member's start rejects with, where it is set. */
  startFailure: Error | undefined;
  /** What its end rejects with, where it is set. */
  closeFailure: Error | undefined;
  differences: readonly string[] = [];
  /** How many times members do not say what they hold before they do. */
  silences = 0;

  get suite(): Suite {
    const open = async (): Promise<Client> => ({
      invoke: async (input) => ({ output: await (this.answer ?? this.carryOut)(input) }),
      [Symbol.asyncDispose]: async () => {},
    });
    return { name: 'fake', about: '', database: this.#database, clients: { register: open } };
  }

  readonly carryOut = async (input: CallInput): Promise<Json> => {
    const { key = null, value = null, from = null, to = null } = input;
    const current = this.values.get(key) ?? null;
    if (input.kind === 'read') return current;
    if (input.kind === 'write') {
      this.values.set(key, value);
      return null;
    }
    if (current !== from) return false;
    this.values.set(key, to);
    return true;
  };

  cluster(size: number): Cluster {
    const members = Array.from({ length: size }, (_, at) => ({
      id: at + 1,
      name: `n${at + 1}`,
      host: '127.0.0.1',
      ports: {},
      peerAddresses: {},
      clientAddresses: {},
      directory: `/nowhere/n${at + 1}`,
      logFile: `/nowhere/n${at + 1}.log`,
    }));
    const start = async (id: number) => {
      if (this.startFailure !== undefined) throw this.startFailure;
      this.running.add(id);
    };
    return {
      database: this.#database,
      members,
      network: {
        kind: 'proxies',
        unavailable: {},
        enter: () => [],
        setLink: async () => {},
        reset: async () => {},
        heal: async () => {},
        [Symbol.asyncDispose]: async () => {},
      },
      disks: {
        kind: 'directories',
        unavailable: {},
        fill: async () => {},
        free: async () => {},
        losePower: async () => {},
        [Symbol.asyncDispose]: async () => {},
      },
      scratchDirectory: '/nowhere/scratch',
      ends: [],
      isRunning: (id) => this.running.has(id),
      processId: () => undefined,
      start,
      launch: (id) => void start(id),
      kill: async (id) => void this.running.delete(id),
      pause: () => {},
      resume: () => {},
      cutPower: async () => {},
      surround: () => {},
      roles: async () => new Map(members.map(({ id }) => [id, id === 1 ? 'leader' : 'follower'])),
      [Symbol.asyncDispose]: async () => {
        this.isClosed = true;
        if (this.closeFailure !== undefined) throw this.closeFailure;
      },
    };
  }

  get #database(): Database {
    return {
      name: 'fake',
      ports: [],
      command: () => ({ file: 'none', args: [] }),
      isServing: async () => true,
      differences: async () => {
        if (this.silences-- > 0) throw new Error('n1 does not answer');
        return this.differences;
      },
    };
  }
}
