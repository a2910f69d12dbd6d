import type { WireValue } from '@raft-ts/net';
import { frameOf } from '@raft-ts/net/testing';
import type { Random } from '../random.js';
import type { Stream } from './link.js';
import type { VirtualNetwork } from './network.js';

/** Bytes of one frame, in every direction; nothing that the simulation sends comes near. */
export const MAX_FRAME_BYTES: number = 8 * 1024 * 1024;

/** Share of turns whose bytes are cut, where they may be: each piece is one more event. */
const CUT_SHARE = 0.125;

/** How bytes travel. */
export interface Cutting {
  /**
   * Pieces that the bytes of some turns travel in, at most, each a packet of its own; they are cut
   * anywhere, also within a frame's header. With 1 all stay whole.
   */
  readonly maxPieces: number;
  readonly random: Random;
  /** Told of what is cut. */
  readonly onCut: () => void;
}

/** The sending side of a stream of frames: those of one turn go out together. */
export class FrameStream {
  readonly #network: VirtualNetwork;
  readonly #stream: Stream;
  readonly #cutting: Cutting;
  readonly #arrive: (piece: Buffer, sentMs: number) => void;
  readonly #flushed: () => void;
  readonly #nowMs: () => number;
  /** Of this turn. */
  #frames: Buffer[] = [];
  #waitingBytes = 0;
  #underWayBytes = 0;

  /**
   * `arrive` runs in the receiver's process, with what `nowMs` told when it was sent; `flushed` when
   * what was sent is out of the sender's.
   */
  constructor(
    network: VirtualNetwork,
    stream: Stream,
    cutting: Cutting,
    arrive: (piece: Buffer, sentMs: number) => void,
    flushed: () => void = () => {},
    nowMs: () => number = () => 0,
  ) {
    this.#network = network;
    this.#stream = stream;
    this.#cutting = cutting;
    this.#arrive = arrive;
    this.#flushed = flushed;
    this.#nowMs = nowMs;
  }

  /** Bytes that have not arrived. */
  get queuedBytes(): number {
    return this.#waitingBytes + this.#underWayBytes;
  }

  send(value: WireValue): void {
    const frame = frameOf(value, MAX_FRAME_BYTES);
    if (this.#frames.length === 0) queueMicrotask(() => this.flush());
    this.#frames.push(frame);
    this.#waitingBytes += frame.length;
  }

  /** Drops what has not gone out. */
  clear(): void {
    this.#frames = [];
    this.#waitingBytes = 0;
  }

  flush(): void {
    const [first, ...more] = this.#frames;
    if (first === undefined) return;
    const bytes = more.length === 0 ? first : Buffer.concat([first, ...more]);
    this.clear();
    for (const piece of cut(bytes, this.#cutting)) this.#sendPiece(piece);
    this.#flushed();
  }

  #sendPiece(piece: Buffer): void {
    const sentMs = this.#nowMs();
    this.#underWayBytes += piece.length;
    this.#network.send(this.#stream, () => {
      this.#underWayBytes -= piece.length;
      this.#arrive(piece, sentMs);
    });
  }
}

function cut(bytes: Buffer, { maxPieces, random, onCut }: Cutting): readonly Buffer[] {
  if (maxPieces === 1 || !random.chance(CUT_SHARE)) return [bytes];
  const cuts = random.integer(1, maxPieces - 1);
  onCut();
  const places = Array.from({ length: cuts }, () => random.integer(1, bytes.length - 1));
  const ends = [...new Set(places)].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}
