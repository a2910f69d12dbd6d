import type { Clock } from '@raft-ts/net';
import type { EventOwner, Phase, VirtualEvent } from './event-queue.js';
import type { MachineClock } from './machine-clock.js';
import type { VirtualTime } from './time.js';

/**
 * One life of a process, from its start to its end: all that happens to it comes through here.
 * While it is paused everything waits, and arrives at once when it goes on; after its end
 * nothing reaches it any more.
 */
export class VirtualProcess implements EventOwner {
  readonly name: string;
  readonly clock: Clock;
  readonly #time: VirtualTime;
  #state: 'running' | 'paused' | 'ended' = 'running';
  /** How often it has stood still. */
  pauses = 0;
  readonly #machine: MachineClock;
  readonly #startedMs: number;
  /** By its machine's clock: for how long it stood still, and since when it does. */
  #stoodMs = 0;
  #pausedAtMs = 0;
  #heldUp: { readonly action: () => void; readonly phase: Phase }[] = [];

  constructor(name: string, time: VirtualTime, machine: MachineClock) {
    this.name = name;
    this.#time = time;
    this.#machine = machine;
    this.#startedMs = machine.monotonicMs();
    const plan = (delayMs: number, callback: () => void, phase: Phase) => {
      const event = time.after(delayMs, callback, phase, this);
      return () => event.cancel();
    };
    this.clock = {
      monotonicMs: () => machine.monotonicMs(),
      wallMs: () => machine.wallMs(),
      after: (delayMs, callback) => plan(delayMs / machine.rate, callback, 0),
      afterInput: (callback) => plan(0, callback, 1),
    };
  }

  /** By its machine's clock, for how long it has run without standing still. */
  get ranMs(): number {
    const nowMs = this.paused ? this.#pausedAtMs : this.#machine.monotonicMs();
    return nowMs - this.#startedMs - this.#stoodMs;
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  get paused(): boolean {
    return this.#state === 'paused';
  }

  /** An event of this process is due. */
  happens(event: VirtualEvent): void {
    if (this.#state === 'running') event.action?.();
    // It can still be cancelled while it waits.
    else if (this.#state === 'paused') this.#hold(() => event.action?.(), event.phase);
  }

  /** Hands something over that has just reached this process: now, or when it goes on. */
  deliver(action: () => void): void {
    if (this.#state === 'running') action();
    else if (this.#state === 'paused') this.#hold(action, 0);
  }

  #hold(action: () => void, phase: Phase): void {
    this.#heldUp.push({ action, phase });
  }

  pause(): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.pauses++;
    this.#pausedAtMs = this.#machine.monotonicMs();
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#stoodMs += this.#machine.monotonicMs() - this.#pausedAtMs;
    const heldUp = this.#heldUp;
    this.#heldUp = [];
    for (const { action, phase } of heldUp) this.#time.after(0, action, phase, this);
  }

  end(): void {
    this.#state = 'ended';
    this.#heldUp = [];
  }
}
