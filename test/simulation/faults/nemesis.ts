import type { MemberId } from 'raft-ts';
import type { Trace } from '../trace.js';
import { describeFault, type Fault, type FaultWorld, type Target } from './fault.js';

export type NemesisParts = Omit<FaultWorld, 'healed' | 'member'> & { readonly trace: Trace };

/** Makes the faults of a schedule strike, and takes them back. */
export class Nemesis {
  readonly #world: FaultWorld;
  readonly #trace: Trace;
  #healed = false;
  /** What takes back the faults that last. */
  readonly #undo = new Set<() => void>();

  constructor({ trace, ...parts }: NemesisParts) {
    const healed = () => this.#healed;
    this.#trace = trace;
    this.#world = {
      ...parts,
      get healed() {
        return healed();
      },
      member: (target) => this.#member(target),
    };
  }

  plan(schedule: readonly Fault[]): void {
    for (const fault of schedule) {
      this.#world.time.after(fault.atMs, () => {
        if (!this.#healed) this.#strike(fault);
      });
    }
  }

  #strike(fault: Fault): void {
    const { kind, durationMs } = fault;
    this.#trace.record(`fault ${kind}`, 0, durationMs, 0, () => describeFault(fault));
    const undo = fault.strike(this.#world);
    this.#undo.add(undo);
    this.#world.time.after(durationMs, () => {
      if (this.#undo.delete(undo)) undo();
    });
  }

  /** All faults end: every member runs, every link, disk and clock works. */
  heal(): void {
    this.#healed = true;
    this.#trace.record('healed', 0, 0, 0);
    for (const undo of this.#undo) undo();
    this.#undo.clear();
    const { cluster } = this.#world;
    for (const id of cluster.ids) {
      cluster.resume(id);
      cluster.start(id);
    }
  }

  #member(target: Target): MemberId {
    const { cluster } = this.#world;
    if (target !== 'leader') return target;
    return cluster.leader() ?? cluster.ids[0] ?? 1;
  }
}
