import type { Clock } from 'raft-ts';
import { EventQueue } from './event-queue.js';

/** Real turns of the event loop are given this often, so that signals and output get through. */
const EVENTS_A_TURN = 20_000;
/** Where virtual wall clocks start: 2026-01-01. */
const WALL_START_MS = 1_767_225_600_000;

/**
 * Virtual time: a queue of events, run one after the other. Before the next one starts, every
 * promise that the last one settled has been followed up to its end, so that what happens depends
 * on the order of the events alone.
 */
export class VirtualTime {
  readonly #queue = new EventQueue();
  #nowMs = 0;
  #sequence = 0;
  #events = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Events that have happened. */
  get events(): number {
    return this.#events;
  }

  /** Runs `action` in `delayMs`; the returned function cancels it. */
  after(delayMs: number, action: () => void, phase: 0 | 1 = 0): () => void {
    const event = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      phase,
      sequence: this.#sequence++,
      action,
      cancelled: false,
    };
    this.#queue.push(event);
    return () => {
      event.cancelled = true;
    };
  }

  /** Lets time pass until `untilMs`, or until `done` says so after an event. */
  async run(untilMs: number, done: () => boolean): Promise<void> {
    for (;;) {
      const next = this.#queue.peek();
      if (next === undefined || next.atMs > untilMs) break;
      this.#queue.pop();
      if (next.cancelled) continue;
      this.#nowMs = next.atMs;
      next.action();
      await promisesSettled();
      if (++this.#events % EVENTS_A_TURN === 0) await realTurn();
      if (done()) return;
    }
    this.#nowMs = untilMs;
  }
}

/** Node runs a next-tick callback only when no promise job is left, however many led to another. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function realTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * One life of a process, from its start to its end: all that happens to it comes through here.
 * While it is paused everything waits, and arrives at once when it goes on; after its end
 * nothing reaches it any more.
 */
export class VirtualProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly #time: VirtualTime;
  #state: 'running' | 'paused' | 'ended' = 'running';
  #heldUp: { readonly action: () => void; readonly phase: 0 | 1 }[] = [];
  constructor(name: string, time: VirtualTime, wallOffsetMs: number) {
    this.name = name;
    this.#time = time;
    this.clock = {
      monotonicMs: () => time.nowMs,
      wallMs: () => Math.floor(WALL_START_MS + time.nowMs + wallOffsetMs),
      after: (delayMs, callback) => this.#plan(delayMs, callback, 0),
      afterInput: (callback) => this.#plan(0, callback, 1),
    };
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  get paused(): boolean {
    return this.#state === 'paused';
  }

  #plan(delayMs: number, callback: () => void, phase: 0 | 1): () => void {
    let cancelled = false;
    const cancel = this.#time.after(
      delayMs,
      () =>
        this.deliver(() => {
          if (!cancelled) callback();
        }, phase),
      phase,
    );
    return () => {
      cancelled = true;
      cancel();
    };
  }

  /** Hands something over that has just reached this process: now, or when it goes on. */
  deliver(action: () => void, phase: 0 | 1 = 0): void {
    if (this.#state === 'running') action();
    else if (this.#state === 'paused') this.#heldUp.push({ action, phase });
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    const heldUp = this.#heldUp;
    this.#heldUp = [];
    for (const { action, phase } of heldUp) {
      this.#time.after(0, () => this.deliver(action, phase), phase);
    }
  }

  end(): void {
    this.#state = 'ended';
    this.#heldUp = [];
  }
}
