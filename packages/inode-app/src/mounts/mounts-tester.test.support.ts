import type { WireValue } from '@raft-ts/net';
import {
  type Deadline,
  StateMachineError,
  type StateMachineErrorCode,
} from '@raft-ts/statemachine';
import {
  create,
  MountedMachine,
  mkdir,
  mount,
  remove,
  rename,
} from '../namespace/mounts/mounted-machine.test.support.js';
import type {
  NamespaceCommand,
  Operation,
  OperationOf,
} from '../namespace/operations/operation-table.js';
import { type AppliedResult, begunIntent } from '../namespace/operations/result.js';
import type { NamespaceQuery, QueryAnswer, QueryOf } from '../namespace/queries/query-table.js';
import { byteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import { StorageError } from '../storages/storage-error.js';
import { ManualClock, settled } from './manual-clock.test.support.js';
import { Mounts } from './mounts.js';
import type { StorageAccessOptions } from './storage-access-options.js';
import { TreeDriver, type TreeStorage } from './tree-storage.test.support.js';

/** How long a client waits, milliseconds. */
const CLIENT_MS = 20_000;
const STEP_MS = 50;

/** A leader's mounts on a machine of one, in time that passes as it is told; others may take the lead. */
export class MountsTester implements AsyncDisposable {
  readonly tree: MountedMachine;
  readonly clock = new ManualClock();
  readonly driver = new TreeDriver();
  readonly log: string[] = [];
  /** Commands that members have had applied. */
  readonly commands: Operation[] = [];
  /** What such a command comes to, in place of being applied. */
  refuse: ((operation: Operation) => StateMachineErrorCode | undefined) | undefined;
  mounts: Mounts;
  #term = 1;
  readonly #access: StorageAccessOptions;

  private constructor(tree: MountedMachine, access: StorageAccessOptions) {
    this.tree = tree;
    this.#access = access;
    this.mounts = this.#newMember();
  }

  /** /m is mounted, from `storage`. */
  static async open(
    given: Partial<OperationOf<'mount'>> = {},
    access: StorageAccessOptions = {},
  ): Promise<MountsTester> {
    const tester = new MountsTester(await MountedMachine.open(), access);
    tester.mounts.leads(1);
    tester.tree.apply(mount('/m', given));
    await settled();
    return tester;
  }

  get storage(): TreeStorage {
    return this.storageOf('/m');
  }

  storageOf(path: string): TreeStorage {
    return this.driver.at(`mem:${path}`);
  }

  #newMember(): Mounts {
    const mounts = new Mounts({
      tree: () => this.tree.machine.tree,
      drivers: [this.driver],
      credentials: async (profile) => {
        if (profile === 'ann') return { key: 'secret' };
        throw new StorageError('INVALID', `there is no profile "${profile}"`);
      },
      clock: this.clock,
      random: () => 0.5,
      access: this.#access,
      log: (line) => this.log.push(line),
    });
    mounts.serve({
      command: (value) => this.#command(value),
      query: (value) => this.tree.machine.query(this.tree.machine.parseQuery(value)),
    });
    return mounts;
  }

  async #command(value: WireValue): Promise<WireValue> {
    await settled();
    const command = this.tree.machine.parseCommand(value);
    const [operation] = command;
    const code = operation && this.refuse?.(operation);
    if (code !== undefined) throw new StateMachineError(code, `it is ${code}`);
    this.commands.push(...command);
    return this.#apply(command);
  }

  #apply(command: NamespaceCommand): readonly AppliedResult[] {
    const results = this.tree.command(command);
    this.tree.commit();
    return results;
  }

  /** Another member leads now, and knows only what is replicated. */
  async elect(): Promise<void> {
    const former = this.mounts;
    former.leads(undefined);
    this.mounts = this.#newMember();
    this.#term += 1;
    this.mounts.leads(this.#term);
    await former.close();
    await settled();
  }

  /** A follower of the same state. */
  follower(): Mounts {
    return this.#newMember();
  }

  deadline(ms: number): Deadline & { readonly end: () => void } {
    const controller = new AbortController();
    const late = () => controller.abort(new StateMachineError('DEADLINE_EXCEEDED', 'late'));
    const end = this.clock.after(ms, late);
    return { deadlineMs: this.clock.monotonicMs() + ms, signal: controller.signal, end };
  }

  /** Passes time until something has ended. */
  async passing<Result>(promise: Promise<Result>, limitMs = 600_000): Promise<Result> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    promise.then(over, over);
    for (let passed = 0; !isOver && passed < limitMs; passed += STEP_MS) {
      await this.clock.advance(passed === 0 ? 0 : STEP_MS);
      await settled();
    }
    if (!isOver) throw new Error(`it has not ended within ${limitMs} ms`);
    return await promise;
  }

  /** A client's command, as a leader takes it. */
  async command(operation: Operation, ms = CLIENT_MS): Promise<AppliedResult> {
    const until = this.deadline(ms);
    let release = () => {};
    try {
      const prepared = await this.mounts.prepare([operation], until);
      if (prepared !== undefined && 'answer' in prepared) {
        const [refusal] = prepared.answer as readonly AppliedResult[];
        return refusal ?? 0;
      }
      release = prepared?.release ?? release;
      await settled();
      const results = this.#apply([operation]);
      const settling = this.mounts.settle([operation], results, until);
      const [result] = (await (settling ?? results)) as readonly AppliedResult[];
      if (begunIntent(result) !== undefined) throw new Error('a client was told so');
      return result ?? 0;
    } finally {
      release();
      until.end();
    }
  }

  do(operation: Operation, ms?: number): Promise<AppliedResult> {
    return this.passing(this.command(operation, ms));
  }

  mkdir(path: string, parents?: boolean): Promise<AppliedResult> {
    return this.do(mkdir(path, parents));
  }

  create(path: string): Promise<AppliedResult> {
    return this.do(create(path));
  }

  remove(path: string, recursive?: boolean): Promise<AppliedResult> {
    return this.do(remove(path, recursive));
  }

  rename(source: string, destination: string): Promise<AppliedResult> {
    return this.do(rename(source, destination));
  }

  /** A client's query, as a member takes it. */
  async query(
    query: NamespaceQuery,
    ms = CLIENT_MS,
    member = this.mounts,
  ): Promise<QueryAnswer | WireValue> {
    const until = this.deadline(ms);
    try {
      for (;;) {
        const waiting = member.ready(query, until);
        if (waiting === undefined) return await this.tree.machine.query(query);
        const answer = await waiting;
        if (answer !== undefined) return answer;
        await settled();
      }
    } finally {
      until.end();
    }
  }

  ask(query: NamespaceQuery, ms?: number): Promise<QueryAnswer | WireValue> {
    return this.passing(this.query(query, ms));
  }

  /** The names in a directory, or why there are none. */
  async list(path: string, given: Partial<QueryOf<'list'>> = {}, ms?: number): Promise<unknown> {
    const query = { kind: 'list', path: byteString(path), after: NO_BYTES, limit: 1000 } as const;
    const answer = (await this.ask({ ...query, ...given }, ms)) as readonly unknown[];
    if (typeof answer[0] === 'string') return answer[0];
    return (answer[0] as readonly (readonly [string])[]).map(([name]) => name);
  }

  /** `file`, `directory` or `link`, or why none is there. */
  async stat(
    path: string,
    given: Partial<QueryOf<'getStatus'>> = {},
    ms?: number,
  ): Promise<unknown> {
    const query = { kind: 'getStatus', path: byteString(path) } as const;
    const [found] = (await this.ask({ ...query, ...given }, ms)) as readonly unknown[];
    if (typeof found === 'string') return found;
    return ['directory', 'file', 'link'][(found as readonly number[])[1] ?? 3];
  }

  /** Requests that the storage has had since this was called last. */
  asked(): readonly string[] {
    return this.storage.asked.splice(0);
  }

  /** What is wrong with the tree; and intents and timers that are left. */
  async problems(): Promise<readonly string[]> {
    const intents = Array.from(this.tree.mounts.intents.values(), ({ kind }) => `left: ${kind}`);
    return [...(await this.tree.problems()), ...intents];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mounts.close();
  }
}
