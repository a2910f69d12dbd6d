import { type EventOwner, EventQueue, type Phase, VirtualEvent } from './event-queue.js';

/** Real turns of the event loop are given this often, so that signals and output get through. */
const EVENTS_A_TURN = 20_000;

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

  /** Runs `action` in `delayMs`, unless the event is cancelled; it happens to `owner`, if there is one. */
  after(delayMs: number, action: () => void, phase: Phase = 0, owner?: EventOwner): VirtualEvent {
    return this.at(delayMs > 0 ? this.#nowMs + delayMs : this.#nowMs, action, phase, owner);
  }

  /**
   * The same at a moment that is not over. What is planned for one moment happens in the order in
   * which it was planned; delays to it, computed at different moments, would be rounded differently.
   */
  at(atMs: number, action: () => void, phase: Phase = 0, owner?: EventOwner): VirtualEvent {
    const event = new VirtualEvent(atMs, phase, this.#sequence++, owner, action);
    this.#queue.push(event);
    return event;
  }

  /** Lets time pass until `untilMs`, or until `done` says so after an event. */
  async run(untilMs: number, done: () => boolean): Promise<void> {
    // Whoever calls may itself be a next-tick callback: the first event's promises would wait.
    await realTurn();
    for (;;) {
      const next = this.#queue.peek();
      if (next === undefined || next.atMs > untilMs) break;
      this.#queue.pop();
      if (next.action === undefined) continue;
      this.#nowMs = next.atMs;
      if (next.owner === undefined) next.action();
      else next.owner.happens(next);
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
