import type { MemberId } from 'raft-ts';
import { readBackup } from '../backup.js';
import { raftOptionsOf } from '../options.js';
import type { Trace } from '../trace.js';
import type { Watch } from '../watch.js';
import { takeCare } from './caretaker.js';
import { describeFault, type Fault, type FaultWorld, type Target } from './fault.js';

export type NemesisParts = Omit<FaultWorld, 'healed' | 'member' | 'transferAsked' | 'backedUp'> & {
  readonly trace: Trace;
  readonly watch: Watch;
};

/** Makes the faults of a schedule strike, and takes them back. */
export class Nemesis {
  readonly #world: FaultWorld;
  readonly #trace: Trace;
  #healed = false;
  /** What takes back the faults that last. */
  readonly #undo = new Set<() => void>();

  constructor({ trace, watch, ...parts }: NemesisParts) {
    let transfers = 0;
    const healed = () => this.#healed;
    this.#trace = trace;
    this.#world = {
      ...parts,
      get healed() {
        return healed();
      },
      member: (target) => this.#member(target),
      backedUp: (bytes, askedIndex) => {
        readBackup(bytes, askedIndex).then(watch.hooks.backedUp, (error: unknown) =>
          watch.violate('backups-are-exact', `a backup can't be read: ${String(error)}`),
        );
      },
      transferAsked: (leader) => {
        const number = ++transfers;
        watch.hooks.transferAsked(number, leader);
        return () => watch.hooks.transferAnswered(number);
      },
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
    const { cluster, options } = this.#world;
    for (const id of cluster.ids) {
      cluster.resume(id);
      cluster.start(id);
    }
    // Who was removed and does not know it must not disturb the others, where they protect
    // themselves (Raft thesis, 4.2.3).
    const harmless = options.machines.every((id) => {
      const { preVote = true, checkQuorum = true } = raftOptionsOf(options, id);
      return preVote && checkQuorum;
    });
    takeCare(this.#world, harmless);
  }

  #member(target: Target): MemberId {
    const { cluster } = this.#world;
    if (target !== 'leader') return target;
    return cluster.leader() ?? cluster.ids[0] ?? 1;
  }
}
