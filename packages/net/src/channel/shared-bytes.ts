/** One of the connections that share a limit. */
interface Holder {
  /** It can't get on because this side does not read: that counts against nobody. */
  readonly stopped: boolean;
  /** It held too much, or for too long. */
  cutOff(reason: string): void;
}

interface SharedBytesOptions {
  /** Bytes that all hold together. */
  readonly maxBytes: number;
  /** Milliseconds for which one may hold what it began to hold. */
  readonly timeoutMs: number;
  /** Why one is cut off when the bytes are too many, and when the time is over. */
  readonly tooMuch: string;
  readonly tooLong: string;
}

interface Hold {
  bytes: number;
  sweeps: number;
}

/** How often in its time one is looked after. */
const SWEEPS = 8;

/**
 * Bytes that connections hold because of their other side, within one limit for all. Where it is
 * reached, the one that has not got on for the longest is cut off, and the others don't notice; one
 * that is not read from, only where there is no other.
 * Time is counted in sweeps: a process that was stopped does not blame the others.
 */
export class SharedBytes {
  readonly #options: SharedBytesOptions;
  /** Who got on last comes last. */
  readonly #holds = new Map<Holder, Hold>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SharedBytesOptions) {
    this.#options = options;
  }

  /** What all hold. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * `holder` has `bytes` from here on. 'began': its time begins. 'went-on': it got on, within its
   * time. 'grew': it holds more, and did not get on.
   */
  hold(holder: Holder, bytes: number, how: 'began' | 'went-on' | 'grew'): void {
    const known = this.#holds.get(holder);
    if (known === undefined && bytes === 0) return;
    this.#bytes += bytes - (known?.bytes ?? 0);
    if (bytes === 0) {
      this.#holds.delete(holder);
      return;
    }
    const hold = known ?? { bytes, sweeps: 0 };
    hold.bytes = bytes;
    if (how === 'began') hold.sweeps = 0;
    if (known !== undefined && how !== 'grew') this.#holds.delete(holder);
    this.#holds.set(holder, hold);
    while (this.#bytes > this.#options.maxBytes) this.#cutOffFirst();
    this.#scheduleSweep();
  }

  release(holder: Holder): void {
    this.hold(holder, 0, 'began');
  }

  #cutOffFirst(): void {
    let first: Holder | undefined;
    for (const holder of this.#holds.keys()) {
      first ??= holder;
      if (holder.stopped) continue;
      first = holder;
      break;
    }
    if (first !== undefined) this.#cutOff(first, this.#options.tooMuch);
  }

  #cutOff(holder: Holder, reason: string): void {
    this.release(holder);
    holder.cutOff(reason);
  }

  #scheduleSweep(): void {
    if (this.#timer !== undefined || this.#holds.size === 0) return;
    this.#timer = setTimeout(() => this.#sweep(), this.#options.timeoutMs / SWEEPS);
    this.#timer.unref();
  }

  #sweep(): void {
    this.#timer = undefined;
    for (const [holder, hold] of this.#holds) {
      if (!holder.stopped && ++hold.sweeps > SWEEPS) this.#cutOff(holder, this.#options.tooLong);
    }
    this.#scheduleSweep();
  }
}

/** What connections may hold for frames of which only a beginning has arrived. */
export function incompleteFrames(limits: {
  readonly maxIncompleteBytes: number;
  readonly frameTimeoutMs: number;
}): SharedBytes {
  const { maxIncompleteBytes: maxBytes, frameTimeoutMs: timeoutMs } = limits;
  return new SharedBytes({
    maxBytes,
    timeoutMs,
    tooMuch: `frames of which only a beginning has arrived hold more than ${maxBytes} bytes, and this one has not got on for the longest`,
    tooLong: `a frame did not arrive whole within ${timeoutMs} ms`,
  });
}

/** What connections may hold of what their other sides have not taken. */
export function untakenAnswers(limits: {
  readonly maxUntakenBytes: number;
  readonly untakenTimeoutMs: number;
}): SharedBytes {
  const { maxUntakenBytes: maxBytes, untakenTimeoutMs: timeoutMs } = limits;
  return new SharedBytes({
    maxBytes,
    timeoutMs,
    tooMuch: `the client does not read: more than ${maxBytes} bytes of answers wait to be taken, and it has taken none for the longest`,
    tooLong: `the client does not read: it has taken nothing for ${timeoutMs} ms`,
  });
}
