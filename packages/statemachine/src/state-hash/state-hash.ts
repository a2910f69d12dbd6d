import { crc32 } from 'node:zlib';
import type { Entry } from 'raft-ts';
import { StateMachineError } from '../errors.js';
import type { FrameworkRow } from '../machine/durable-state-machine.js';
import {
  checkpointRow,
  type Divergence,
  decodeStateHashRow,
  divergenceRow,
  lastRow,
  type StateHashAt,
} from './state-hash-rows.js';

/** Hashes that a member remembers, of the newest checkpoints. */
export const MAX_CHECKPOINTS = 64;
/** An entry in so many is a checkpoint, however fast they come... */
const CHECKPOINT_ENTRIES = 1_024;
/** ...and the first of each stretch of the log's time that is so long, milliseconds. */
const CHECKPOINT_MS = 4_000;

const HEADER_BYTES = 20;

/** Whether the log's time enters another stretch: its first entry is a checkpoint. */
export function entersStretch(fromMs: number, toMs: number): boolean {
  return Math.floor(toMs / CHECKPOINT_MS) > Math.floor(fromMs / CHECKPOINT_MS);
}

/**
 * What a member's state was made of, in 32 bits: a CRC over each applied entry, what it was answered with,
 * and the hash before. Two members that once differ do so at every later index, as the CRC of equal
 * bytes is a bijection of what it begins with. Part of the replicated state: the same entries with the
 * same results give the same hashes and checkpoints on every member, however they are grouped.
 */
export class StateHash {
  #last: StateHashAt = { index: 0, hash: 0 };
  #lastTerm: number | undefined;
  /** Whether it covers everything since an entry from which all members count. */
  #known = true;
  /** By ascending index. */
  #checkpoints: StateHashAt[] = [];
  /** How many there were. */
  #taken = 0;
  #divergence: Divergence | undefined;
  readonly #changed = new Map<number, StateHashAt | undefined>();
  readonly #header = Buffer.alloc(HEADER_BYTES);

  /** Takes the place of what it held. Throws SESSIONS_CORRUPT. */
  load(
    rows: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[],
    appliedIndex: number,
  ): void {
    const read = rows.map(({ key, value }) => decodeStateHashRow(key, value));
    const last = read.find((row) => row.kind === 'last');
    this.#last = { index: appliedIndex, hash: last?.hash ?? 0 };
    // One that does not keep hashes may have applied entries since, or all of them.
    this.#known = (last?.index ?? 0) === appliedIndex;
    this.#lastTerm = this.#known ? last?.term : undefined;
    this.#taken = last?.checkpoints ?? 0;
    const checkpoints = this.#known ? read.filter((row) => row.kind === 'checkpoint') : [];
    this.#checkpoints = checkpoints
      .map(({ index, hash }) => ({ index, hash }))
      .sort((a, b) => a.index - b.index);
    this.#divergence = read.find((row) => row.kind === 'divergence');
    this.#changed.clear();
  }

  /** False where the state came from a version without hashes: there is nothing to compare. */
  get known(): boolean {
    return this.#known;
  }

  /** Of the entry that was applied last; undefined where that is not written. */
  get lastTerm(): number | undefined {
    return this.#lastTerm;
  }

  get checkpoints(): readonly StateHashAt[] {
    return this.#checkpoints;
  }

  /** The newest one; undefined where there is none. */
  get newest(): StateHashAt | undefined {
    return this.#checkpoints.at(-1);
  }

  /** STATE_DIVERGED, once it is known that this member's state is not what it should be. */
  get error(): StateMachineError | undefined {
    return this.#divergence === undefined ? undefined : diverged(this.#divergence);
  }

  /**
   * An entry was applied, with these results, as bytes. `enters`: the log's time has entered
   * another stretch with it.
   */
  applied(entry: Entry, results: readonly Uint8Array[], enters: boolean): void {
    const header = this.#header;
    header.writeDoubleLE(entry.index, 0);
    header.writeDoubleLE(entry.term, 8);
    header.writeUInt32LE(entry.type, 16);
    let hash = extend(extend(this.#last.hash, header), entry.data);
    for (const result of results) hash = extend(hash, result);
    this.#last = { index: entry.index, hash };
    this.#lastTerm = entry.term;
    if (this.#known && (enters || entry.index % CHECKPOINT_ENTRIES === 0)) this.#remember();
  }

  #remember(): void {
    this.#checkpoints.push(this.#last);
    if (this.#checkpoints.length > MAX_CHECKPOINTS) this.#checkpoints.shift();
    this.#changed.set(this.#taken++ % MAX_CHECKPOINTS, this.#last);
  }

  /** The entry applied last is one from which all members count anew. */
  beginAnew(): void {
    const { index } = this.#last;
    this.#last = { index, hash: 0 };
    this.#known = true;
    this.#checkpoints = [];
    this.#taken = 0;
    for (let slot = 0; slot < MAX_CHECKPOINTS; slot++) this.#changed.set(slot, undefined);
  }

  /**
   * Most members had these hashes, by ascending index. Where this one had another at one of them, its
   * state is not what it should be.
   */
  judge(agreed: readonly StateHashAt[]): void {
    const hashes = new Map(this.#checkpoints.map(({ index, hash }) => [index, hash]));
    const common = agreed.filter(({ index }) => hashes.has(index));
    const isEqual = ({ index, hash }: StateHashAt) => hashes.get(index) === hash;
    const different = common.find((at) => !isEqual(at));
    if (different === undefined) return;
    const equalAt = common.findLast((at) => isEqual(at))?.index ?? 0;
    this.#divergence ??= { equalAt, differentAt: different.index };
  }

  /** What changed since the last call, and the hash of the entry applied last. */
  takeRows(): FrameworkRow[] {
    const rows = [...this.#changed].map(([slot, at]) => checkpointRow(slot, at));
    this.#changed.clear();
    if (this.#known) rows.push(lastRow(this.#last, this.#taken, this.#lastTerm ?? 0));
    if (this.#divergence !== undefined) rows.push(divergenceRow(this.#divergence));
    return rows;
  }
}

/** Of no bytes that have no memory either, `crc32` makes 0, whatever it begins with. */
function extend(hash: number, bytes: Uint8Array): number {
  return bytes.byteLength === 0 ? hash : crc32(bytes, hash);
}

function diverged({ equalAt, differentAt }: Divergence): StateMachineError {
  const from = equalAt === 0 ? '' : `they were equal up to entry ${equalAt}, and `;
  return new StateMachineError(
    'STATE_DIVERGED',
    `this member's state is another one than most members have: ${from}` +
      `they differ at entry ${differentAt}. It must not serve, and takes the state from the others ` +
      'once it begins with nothing; keep what it holds to find out how that came about',
  );
}
