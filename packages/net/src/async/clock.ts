/** Time as a member sees it; real by default, virtual in a simulation. */
export interface Clock {
  /** Milliseconds that never run back; only differences mean anything. */
  monotonicMs(): number;
  /** Milliseconds since 1970, as the machine believes. */
  wallMs(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls `callback` soon, once the input that has already arrived was handled. */
  afterInput(callback: () => void): () => void;
}

/** The process's own clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
  afterInput(callback) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
};

/**
 * The same, and what waits for its timers keeps the process alive: somebody awaits what they lead
 * to. Without it a process whose only work that is ends, with exit code 13 where it awaits.
 */
export const waitingClock: Clock = {
  ...systemClock,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
