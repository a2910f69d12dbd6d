import { byteString, NO_ATTRIBUTES, type Operation as TreeOperation } from 'inode-app/store';
import type { Coverage } from '../coverage.js';
import { MachineClock } from '../machine-clock.js';
import type { MountOptions } from '../mount-options.js';
import type { SimulationOptions } from '../options.js';
import { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import type { StoredFiles } from '../storage/stored-files.js';
import { DIRECTORY, NOTHING, type Word } from '../storage/stored-files.js';
import type { VirtualTime } from '../time.js';
import type { Trace } from '../trace.js';
import type { Watch } from '../watch.js';
import type { NodeId } from '../wire/link.js';
import type { RpcExchange } from '../wire/rpc.js';
import { type Listing, MountSession } from './mount-session.js';
import { type Change, OwnFiles, type Slot } from './own-files.js';

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

/** Refusals that may always come: the storage's, and that somebody else is at it. */
const ALWAYS_POSSIBLE = [
  'STORAGE_UNREACHABLE',
  'STORAGE_FAILED',
  'STORAGE_FORBIDDEN',
  'LOCKED',
  'MOUNT_BUSY',
  'STEP_OVERTAKEN',
];
/** Before whoever mounts tries again. */
const RETRY_MS = 200;
/** Of what an interval and a clock are off, at most. */
const CLOCK_SHARE = 1.15;
const CLOCK_MS = 100;

export const MOUNT = '/m';
/** Changed by somebody else alone, and by all together. */
export const OUTSIDE = 'outside';
export const MIXED = 'mixed';

/** Names that are few, so that they meet. */
export function drawCommonPath(random: Random, directory: string): string {
  const names = Array.from({ length: random.integer(1, 3) }, () => random.pick(['a', 'b', 'c']));
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
    const { time, coverage } = this.#parts;
    const slot = this.own.pick();
    const change = this.own.draw(slot);
    slot.begins(change.after, time.nowMs);
    if (change.content !== undefined) await this.#write(change);
    const { kind } = change.operation;
    const outcome = await this.#session.run(change.operation, this.#timeoutMs());
    this.#record(kind, outcome.kind, () => describe(change.operation));
    if (outcome.kind === 'refused') {
      this.#refused(slot, change, outcome.code, outcome.detail);
      return;
    }
    if (outcome.kind === 'done' && change.refusal !== undefined) {
      this.#violate(`${describe(change.operation)} was done, and not ${change.refusal}`);
    }
    if (outcome.kind === 'done') {
      this.#served = true;
      coverage.count('change in a mount done');
    } else if (outcome.kind === 'unknown') {
      coverage.count('change in a mount of unknown outcome');
    }
    slot.ends(outcome.kind === 'failed' ? 'refused' : outcome.kind, time.nowMs);
  }

  #refused(slot: Slot, { operation, refusal }: Change, code: string, detail: string): void {
    const { time, coverage } = this.#parts;
    if (code === refusal) this.#served = true;
    else if (!ALWAYS_POSSIBLE.includes(code)) {
      this.#violate(`${describe(operation)} was refused: ${code} ${detail}`);
    }
    if (code === 'LOCKED') coverage.count('change in a mount kept off by a lock');
    if (code.startsWith('STORAGE')) coverage.count('change in a mount refused by its storage');
    // Half of it may have gone.
    const isPartial = operation.kind === 'delete' && operation.recursive && code !== refusal;
    slot.ends(isPartial ? 'unknown' : 'refused', time.nowMs);
  }

  /** As whoever has been told where its content belongs. */
  async #write({ content, operation }: Change): Promise<void> {
    if (content === undefined) return;
    await this.#sleep(this.#random.exponential(this.#parts.mounts.storage.weather.wayMs));
    try {
      this.#parts.files.write(content.path, content.number);
    } catch (error) {
      this.#violate(`no content can be written for ${describe(operation)}: ${String(error)}`);
    }
  }

  #violate(message: string): void {
    this.#parts.watch.violate('changes-in-mounts-are-kept', `client ${this.node}: ${message}`);
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
    if (word !== undefined) this.#judge(own, slot, new Map([[path, word]]), fromMs);
  }

  async #listOwn(own: OwnFiles): Promise<void> {
    const fromMs = this.#parts.time.nowMs;
    const slots = [...own.slots];
    const slot = this.#random.pick(slots);
    const within = this.#random.chance(0.4) ? `/${this.#random.pick(slot.names)}` : '';
    const found = await this.#session.list(
      `${MOUNT}/${own.directory}${within}`,
      this.#interval(),
      this.#timeoutMs(),
    );
    this.#record('list', found === undefined ? 'unknown' : 'done', () =>
      found === undefined || found === 'absent'
        ? `${own.directory}${within}: ${found}`
        : `${own.directory}${within}: ${[...found].map(([name, word]) => `${name} ${word}`)}`,
    );
    if (found === undefined) return;
    if (within !== '') return this.#judgeWithin(own, slot, within.slice(1), found, fromMs);
    if (found === 'absent') return this.#violate(`${own.directory} is not there`);
    const stray = [...found.keys()].find((name) => own.slotOf(name) === undefined);
    if (stray !== undefined) this.#violate(`${own.directory}/${stray} was made by nobody`);
    for (const each of slots) {
      const seen = each.names.map((name) => [name, found.get(name) ?? NOTHING] as const);
      this.#judge(own, each, new Map(seen), fromMs);
    }
  }

  #judgeWithin(own: OwnFiles, slot: Slot, directory: string, found: Listing, fromMs: number): void {
    // A file is no directory either.
    if (found === 'absent') return;
    const within = slot.paths.filter((path) => {
      const slash = path.lastIndexOf('/');
      return slash >= 0 && path.slice(0, slash) === directory;
    });
    const seen = new Map<string, Word>([[directory, DIRECTORY]]);
    for (const path of within) seen.set(path, NOTHING);
    for (const [name, word] of found) seen.set(`${directory}/${name}`, word);
    this.#judge(own, slot, seen, fromMs);
  }

  /** Once it is known what the change has come to that was under way. */
  #judge(own: OwnFiles, slot: Slot, seen: ReadonlyMap<string, Word>, fromMs: number): void {
    const { time, coverage } = this.#parts;
    const toMs = time.nowMs;
    slot.whenKnown(() => {
      if (slot.isDoubtful) return;
      coverage.count('look into a mount checked');
      if (slot.mayHaveBeen(seen, fromMs, toMs)) return;
      const lines = [...seen].map(([path, word]) => `${path} ${word}`);
      const known = [...slot.words].map(([path, word]) => `${path} ${word}`);
      this.#violate(
        `${own.directory} was seen from ${fromMs.toFixed(0)} to ${toMs.toFixed(0)} ms with ` +
          `${lines.join(', ')}; it has ${known.join(', ')}`,
      );
    });
  }

  /** What somebody else changes has to be found within the interval. */
  async #lookOutside(): Promise<void> {
    const { time } = this.#parts;
    const interval = this.#interval();
    const fromMs = time.nowMs;
    const sinceMs = this.#knownSince(interval, fromMs);
    if (this.#random.chance(0.4)) {
      const found = await this.#session.list(`${MOUNT}/${OUTSIDE}`, interval, this.#timeoutMs());
      this.#record('list outside', found === undefined ? 'unknown' : 'done', () => `${interval}`);
      if (found === undefined) return;
      if (found === 'absent') return this.#notFound(OUTSIDE, NOTHING, fromMs);
      for (const name of ['a', 'b', 'c']) {
        this.#judgeOutside(`${OUTSIDE}/${name}`, found.get(name) ?? NOTHING, sinceMs, fromMs);
      }
      return;
    }
    const path = drawCommonPath(this.#random, OUTSIDE);
    const word = await this.#session.look(`${MOUNT}/${path}`, interval, this.#timeoutMs());
    this.#record('look outside', word ?? 'unknown', () => `${path}, ${interval}`);
    if (word !== undefined) this.#judgeOutside(path, word, sinceMs, fromMs);
  }

  /** From when on what was so may still be answered. */
  #knownSince(interval: number | undefined, nowMs: number): number {
    const { syncIntervalMs } = this.#parts.mounts;
    const asked = interval ?? syncIntervalMs;
    if (asked < 0) return 0;
    return asked === 0 ? nowMs : nowMs - asked * CLOCK_SHARE - CLOCK_MS;
  }

  #judgeOutside(path: string, word: Word, sinceMs: number, fromMs: number): void {
    const { files, coverage } = this.#parts;
    coverage.count('look at what others change checked');
    if (!files.wordsSince(path, sinceMs).includes(word)) this.#notFound(path, word, fromMs);
  }

  #notFound(path: string, word: Word, fromMs: number): void {
    this.#parts.watch.violate(
      'changes-from-outside-are-found',
      `client ${this.node} was told at ${fromMs.toFixed(0)} ms and later that at ${path} is ${word}`,
    );
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

export function describe(operation: TreeOperation): string {
  return JSON.stringify(operation);
}
