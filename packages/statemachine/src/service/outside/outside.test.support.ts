import type { WireValue } from '@raft-ts/net';
import type { Deadline, OutsideWork, Prepared } from './outside-work.js';

/** One call of a method of `OutsideWork`: a test settles it. */
export class Call<T> {
  readonly about: unknown;
  readonly until: Deadline;
  readonly settled: Promise<T>;
  resolve: (value: T) => void = () => {};
  reject: (error: unknown) => void = () => {};

  constructor(about: unknown, until: Deadline) {
    this.about = about;
    this.until = until;
    this.settled = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** What takes time outside when a test says so. */
export class TestOutside implements OutsideWork<unknown, unknown> {
  prepares = true;
  settles = false;
  waits = true;
  readonly preparing: Call<Prepared>[] = [];
  readonly settling: Call<WireValue>[] = [];
  readonly waiting: Call<WireValue>[] = [];
  /** Commands let go of, as far as `goOn` prepared them. */
  readonly released: unknown[] = [];
  /** Terms in which the member led, and undefined for each time that it ended. */
  readonly led: (number | undefined)[] = [];
  /** Thrown by each. */
  failure: unknown;

  prepare(command: unknown, until: Deadline): Promise<Prepared> | undefined {
    return this.#call(this.preparing, this.prepares, command, until);
  }

  settle(command: unknown, result: WireValue, until: Deadline): Promise<WireValue> | undefined {
    return this.#call(this.settling, this.settles, [command, result], until);
  }

  ready(query: unknown, until: Deadline): Promise<WireValue> | undefined {
    return this.#call(this.waiting, this.waits, query, until);
  }

  leads(term: number | undefined): void {
    this.led.push(term);
  }

  /** A command that is being prepared is ready to be proposed. */
  async goOn(which = this.preparing.length - 1): Promise<void> {
    const call = this.preparing[which];
    call?.resolve({ release: () => this.released.push(call.about) });
    await turns();
  }

  #call<T>(
    calls: Call<T>[],
    takesTime: boolean,
    about: unknown,
    until: Deadline,
  ): Promise<T> | undefined {
    if (this.failure !== undefined) throw this.failure;
    if (!takesTime) return undefined;
    const call = new Call<T>(about, until);
    calls.push(call);
    return call.settled;
  }
}

/** What is resolved is noticed. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
