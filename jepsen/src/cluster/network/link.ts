import { JepsenError } from '../../errors.js';
import type { Random } from '../../random.js';
import type { LinkFault } from './network.js';

/** What TCP puts into one packet, on a network of Ethernet's packets. */
const PACKET_BYTES = 1_448;
/** TCP sends again after so long at first (Linux: TCP_RTO_MIN), and after twice as long each time. */
const FIRST_RETRANSMISSION_MS = 200;
const MAX_RETRANSMISSIONS = 6;
/** Of what is throttled, so much goes at once. */
const THROTTLE_SLICE_MS = 20;

/** What carries bytes over a link, and is told when the link is another. */
export interface LinkUser {
  linkChanged(): void;
}

/** One direction between two peers, with all connections that lead over it. */
export class Link {
  readonly users = new Set<LinkUser>();
  readonly #random: Random;
  #fault: LinkFault = {};
  #freeAtMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get isCut(): boolean {
    return this.#fault.cut === true || this.#fault.lossShare === 1;
  }

  get isSliced(): boolean {
    return this.#fault.sliceBytes !== undefined;
  }

  set(fault: LinkFault): void {
    checkLinkFault(fault);
    this.#fault = fault;
    this.#freeAtMs = 0;
    for (const user of [...this.users]) user.linkChanged();
  }

  /** By how much later than it was sent this comes, as drawn. */
  delayMs(bytes: number): number {
    const { delayMs = 0, jitterMs = 0 } = this.#fault;
    const jitter = jitterMs === 0 ? 0 : this.#random.fraction() * jitterMs;
    return delayMs + jitter + this.#retransmissionMs(bytes);
  }

  /** At most so late does anything come that is under way. */
  get longestDelayMs(): number {
    const { delayMs = 0, jitterMs = 0, lossShare = 0 } = this.#fault;
    const lossMs = lossShare === 0 ? 0 : FIRST_RETRANSMISSION_MS * 2 ** MAX_RETRANSMISSIONS;
    return delayMs + jitterMs + lossMs;
  }

  /** How many of these bytes may go at this moment; they have gone then. */
  takeBytes(bytes: number, nowMs: number): number {
    const { bytesPerSecond, sliceBytes = bytes } = this.#fault;
    if (bytesPerSecond === undefined) return Math.min(bytes, sliceBytes);
    if (nowMs < this.#freeAtMs) return 0;
    const share = Math.max(1, Math.floor((bytesPerSecond * THROTTLE_SLICE_MS) / 1_000));
    const taken = Math.min(bytes, sliceBytes, share);
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + (taken * 1_000) / bytesPerSecond;
    return taken;
  }

  /** When more may go, where `takeBytes` gave 0. */
  get freeAtMs(): number {
    return this.#freeAtMs;
  }

  /** For how long lost packets among these bytes hold up the stream. */
  #retransmissionMs(bytes: number): number {
    const { lossShare = 0 } = this.#fault;
    if (lossShare === 0) return 0;
    const packets = Math.max(1, Math.ceil(bytes / PACKET_BYTES));
    let isLost = this.#random.chance(1 - (1 - lossShare) ** packets);
    let heldMs = 0;
    for (let time = 0; isLost && time < MAX_RETRANSMISSIONS; time++) {
      heldMs += FIRST_RETRANSMISSION_MS * 2 ** time;
      isLost = this.#random.chance(lossShare);
    }
    return heldMs;
  }
}

/** Throws OPTIONS_INVALID where a measure of it is none. */
export function checkLinkFault(fault: LinkFault): void {
  const { delayMs = 0, jitterMs = 0, bytesPerSecond = 1, sliceBytes = 1, lossShare = 0 } = fault;
  const isValid =
    delayMs >= 0 &&
    jitterMs >= 0 &&
    bytesPerSecond > 0 &&
    sliceBytes >= 1 &&
    lossShare >= 0 &&
    lossShare <= 1 &&
    [delayMs, jitterMs, bytesPerSecond, sliceBytes].every(Number.isFinite);
  if (isValid) return;
  throw new JepsenError('OPTIONS_INVALID', `no fault of a link: ${JSON.stringify(fault)}`);
}
