import { StorageError } from 'inode-app/storages';
import { byteString, NO_ATTRIBUTES, type Operation as TreeOperation } from 'inode-app/store';
import type { Coverage } from '../coverage.js';
import { MachineClock } from '../machine-clock.js';
import type { MountOptions } from '../mount-options.js';
import type { SimulationOptions } from '../options.js';
import { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import {
  DIRECTORY,
  NOTHING,
  parentOf,
  type StoredFiles,
  type Word,
} from '../storage/stored-files.js';
import type { VirtualTime } from '../time.js';
import type { Trace } from '../trace.js';
import type { Watch } from '../watch.js';
import type { NodeId } from '../wire/link.js';
import type { RpcExchange } from '../wire/rpc.js';
import type { OutsideSeen } from './mount-history.js';
import { MountSession, type Outcome } from './mount-session.js';
import { type Change, OwnFiles, type Slot, type Words } from './own-files.js';

export interface MountClientParts {
  readonly options: SimulationOptions;
  readonly mounts: MountOptions;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly rpc: RpcExchange;
  readonly coverage: Coverage;
  readonly trace: Trace;
  readonly watch: Watch;
  readonly files: StoredFiles;
}

/** Before whoever mounts tries again. */
const RETRY_MS = 200;

export const MOUNT = '/m';
/** Changed by somebody else alone, and by all together. */
export const OUTSIDE = 'outside';
export const MIXED = 'mixed';

/** Few, so that they meet. */
const COMMON_NAMES = ['a', 'b', 'c'];

export function drawCommonPath(random: Random, directory: string): string {
  const names = Array.from({ length: random.integer(1, 3) }, () => random.pick(COMMON_NAMES));
  return `${directory}/${names.join('/')}`;
}

/** Changes files of its own and of all in a mount, and looks at everybody's. */
export class MountClient {
  readonly node: NodeId;
  readonly own: OwnFiles;
  readonly #parts: MountClientParts;
  readonly #random: Random;
  readonly #process: VirtualProcess;
  readonly #session: MountSession;
  #others: readonly OwnFiles[] = [];
  #stopping = false;
  #served = true;

  constructor(node: NodeId, parts: MountClientParts) {
    this.node = node;
    this.#parts = parts;
    this.#random = parts.random.fork(`mount client ${node}`);
    this.#process = new VirtualProcess(
      `mount client ${node}`,
      parts.time,
      new MachineClock(parts.time),
    );
    parts.rpc.network.attach(node, this.#process);
    this.#session = new MountSession(node, this.#process, { ...parts, random: this.#random });
    this.own = new OwnFiles({
      directory: `own${node}`,
      random: this.#random,
      newContent: () => parts.files.newContent(),
      now: () => parts.time.nowMs,
    });
  }

  /** Whose files it looks at. */
  meet(others: readonly OwnFiles[]): void {
    this.#others = others;
  }

  stop(): void {
    this.#stopping = true;
  }

  /** From now on `served` waits for a change that is done. */
  expectAnswers(): void {
    this.#served = false;
  }

  get served(): boolean {
    return this.#served;
  }

  /** Resolves when it has been mounted, or `stop` was called. */
  async mount(operation: TreeOperation): Promise<void> {
    while (!this.#stopping) {
      const { kind } = await this.#session.run(operation, this.#timeoutMs());
      if (kind === 'done') return;
      await this.#sleep(RETRY_MS);
    }
  }

  /** Resolves when `stop` was called and the last request has ended. */
  async run(): Promise<void> {
    while (!this.#stopping) {
      await this.#sleep(this.#random.exponential(this.#parts.mounts.thinkMs));
      await this.#step();
    }
    await this.#session.close();
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#process.clock.after(delayMs, resolve));
  }

  #timeoutMs(): number {
    return this.#random.magnitude(500, 20_000);
  }

  async #step(): Promise<void> {
    const drawn = this.#served ? this.#random.next() : 0;
    if (drawn < 0.4) await this.#change();
    else if (drawn < 0.6) await this.#lookAtOwn();
    else if (drawn < 0.75) await this.#lookOutside();
    else if (drawn < 0.95) await this.#changeMixed();
    else await this.#sync();
  }

  async #change(): Promise<void> {
    const { time, watch } = this.#parts;
    const slot = this.own.pick();
    const change = this.own.draw(slot);
    slot.begins(change.after, time.nowMs);
    if (change.content !== undefined) await this.#write(change);
    const { kind } = change.operation;
    const outcome = await this.#session.run(change.operation, this.#timeoutMs());
    this.#record(kind, outcome.kind, () => describe(change.operation));
    watch.hooks.mountChanged({ client: this.node, change, outcome });
    this.#count(outcome);
    if (isServed(change, outcome)) this.#served = true;
    slot.ends(whatItCameTo(change, outcome), time.nowMs);
  }

  #count(outcome: Outcome): void {
    const { coverage } = this.#parts;
    if (outcome.kind === 'done') coverage.count('change in a mount done');
    if (outcome.kind === 'unknown') coverage.count('change in a mount of unknown outcome');
    if (outcome.kind !== 'refused') return;
    const { code } = outcome;
    if (code.startsWith('STORAGE')) coverage.count('change in a mount refused by its storage');
  }

  /** As whoever has been told where its content belongs. */
  async #write({ content, operation }: Change): Promise<void> {
    if (content === undefined) return;
    await this.#sleep(this.#random.exponential(this.#parts.mounts.storage.weather.wayMs));
    try {
      this.#parts.files.write(content.path, content.number);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      const { node: client } = this;
      this.#parts.watch.hooks.contentRefused({ client, operation, message: error.message });
    }
  }

  #record(kind: string, outcome: string, text: () => string): void {
    this.#parts.trace.record(`mount ${kind} ${outcome}`, this.node, 0, 0, text);
  }

  /** How old an answer may be; undefined: as the mount says. */
  #interval(): number | undefined {
    const random = this.#random;
    if (random.chance(0.2)) return undefined;
    return random.pick([-1, -1, 0, 0, Math.round(random.magnitude(20, 10_000))]);
  }

  /** How somebody's files are, at one path or in one directory. */
  async #lookAtOwn(): Promise<void> {
    const own = this.#random.pick(this.#others);
    if (this.#random.chance(0.4)) return await this.#listOwn(own);
    const slot = this.#random.pick(own.slots);
    const path = this.#random.pick([...slot.names, ...slot.paths]);
    const fromMs = this.#parts.time.nowMs;
    const interval = this.#interval();
    const word = await this.#session.look(
      `${MOUNT}/${own.directory}/${path}`,
      interval,
      this.#timeoutMs(),
    );
    this.#record('look', word ?? 'unknown', () => `${own.directory}/${path}, ${interval}: ${word}`);
    if (word !== undefined) this.#sawOwn(own, slot, new Map([[path, word]]), fromMs);
  }

  async #listOwn(own: OwnFiles): Promise<void> {
    const fromMs = this.#parts.time.nowMs;
    const slots = [...own.slots];
    const slot = this.#random.pick(slots);
    const within = this.#random.chance(0.4) ? this.#random.pick(slot.names) : '';
    const found = await this.#session.list(
      `${MOUNT}/${own.directory}${within === '' ? '' : `/${within}`}`,
      this.#interval(),
      this.#timeoutMs(),
    );
    this.#record('list', found === undefined ? 'unknown' : 'done', () => {
      const names = typeof found === 'object' ? [...found].map((entry) => entry.join(' ')) : found;
      return `${own.directory}/${within}: ${names}`;
    });
    if (found === undefined) return;
    if (within !== '') {
      // A file is no directory either.
      if (found !== 'absent') this.#sawOwn(own, slot, wordsWithin(slot, within, found), fromMs);
      return;
    }
    const names = found === 'absent' ? new Map<string, Word>() : found;
    this.#parts.watch.hooks.ownListed({ client: this.node, own, names: [...names.keys()] });
    for (const each of slots) {
      const seen = each.names.map((name) => [name, names.get(name) ?? NOTHING] as const);
      this.#sawOwn(own, each, new Map(seen), fromMs);
    }
  }

  /** Told once it is known what the change has come to that was under way. */
  #sawOwn(own: OwnFiles, slot: Slot, seen: Words, fromMs: number): void {
    const { time, coverage, watch } = this.#parts;
    const look = { client: this.node, own, slot, seen, fromMs, toMs: time.nowMs };
    slot.whenKnown(() => {
      if (!slot.isDoubtful) coverage.count('look into a mount checked');
      watch.hooks.ownSeen(look);
    });
  }

  async #lookOutside(): Promise<void> {
    const { time } = this.#parts;
    const interval = this.#interval();
    const saw = (path: string, word: Word) => this.#sawOutside({ path, word, interval, fromMs });
    const fromMs = time.nowMs;
    if (this.#random.chance(0.4)) {
      const found = await this.#session.list(`${MOUNT}/${OUTSIDE}`, interval, this.#timeoutMs());
      this.#record('list outside', found === undefined ? 'unknown' : 'done', () => `${interval}`);
      if (found === undefined) return;
      const names = found === 'absent' ? new Map<string, Word>() : found;
      for (const name of COMMON_NAMES) saw(`${OUTSIDE}/${name}`, names.get(name) ?? NOTHING);
      return;
    }
    const path = drawCommonPath(this.#random, OUTSIDE);
    const word = await this.#session.look(`${MOUNT}/${path}`, interval, this.#timeoutMs());
    this.#record('look outside', word ?? 'unknown', () => `${path}, ${interval}: ${word}`);
    if (word !== undefined) saw(path, word);
  }

  #sawOutside({
    interval,
    ...seen
  }: Omit<OutsideSeen, 'client' | 'syncIntervalMs'> & {
    readonly interval: number | undefined;
  }): void {
    const { coverage, watch, mounts } = this.#parts;
    coverage.count('look at what others change checked');
    const syncIntervalMs = interval ?? mounts.syncIntervalMs;
    watch.hooks.outsideSeen({ ...seen, client: this.node, syncIntervalMs });
  }

  /** What all change, and whoever is outside: anything may come of it. */
  async #changeMixed(): Promise<void> {
    const operation = this.#drawMixed();
    const { kind } = await this.#session.run(operation, this.#timeoutMs());
    this.#record(operation.kind, kind, () => `${describe(operation)}`);
  }

  #drawMixed(): TreeOperation {
    const random = this.#random;
    const draw = () => byteString(`${MOUNT}/${drawCommonPath(random, MIXED)}`);
    const path = draw();
    const attributes = NO_ATTRIBUTES;
    switch (random.integer(0, 5)) {
      case 0:
        return { kind: 'mkdir', path, parents: random.chance(0.5), attributes };
      case 1:
        return { kind: 'create', path, attributes };
      case 2:
        return { kind: 'complete', path, size: random.integer(0, 9), fingerprint: byteString('') };
      case 3:
        return { kind: 'delete', path, recursive: random.chance(0.7) };
      default:
        return { kind: 'rename', source: path, destination: draw() };
    }
  }

  async #sync(): Promise<void> {
    const path = this.#random.pick([MOUNT, `${MOUNT}/${MIXED}`, `${MOUNT}/${this.own.directory}`]);
    const query = {
      kind: 'sync',
      path: byteString(path),
      recursive: true,
      job: undefined,
    } as const;
    const seen = await this.#session.ask<'sync'>(query, this.#timeoutMs());
    this.#record('sync', seen !== undefined && 'found' in seen ? 'done' : 'failed', () => path);
  }
}

/** Of a directory, what is seen directly in it. */
function wordsWithin(slot: Slot, directory: string, found: Words): Words {
  const seen = new Map<string, Word>([[directory, DIRECTORY]]);
  for (const path of slot.paths) if (parentOf(path) === directory) seen.set(path, NOTHING);
  for (const [name, word] of found) seen.set(`${directory}/${name}`, word);
  return seen;
}

function isServed({ refusal }: Change, outcome: Outcome): boolean {
  return outcome.kind === 'done' || (outcome.kind === 'refused' && outcome.code === refusal);
}

/** Refused by its storage half-way, some may have gone half the way: some is removed, or some directories are made. */
function whatItCameTo({ operation, refusal }: Change, outcome: Outcome) {
  if (outcome.kind === 'failed') return 'refused';
  if (outcome.kind !== 'refused' || outcome.code === refusal) return outcome.kind;
  const isInSteps =
    (operation.kind === 'delete' && operation.recursive) ||
    (operation.kind === 'mkdir' && operation.parents);
  return isInSteps ? 'unknown' : 'refused';
}

function describe(operation: TreeOperation): string {
  return JSON.stringify(operation);
}
