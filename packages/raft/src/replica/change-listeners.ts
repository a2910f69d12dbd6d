import type { Raft } from '../core/raft.js';
import { callEach } from './call-each.js';

type Announced = Pick<Raft, 'role' | 'term' | 'leader' | 'recovering'>;

/** Who is told when role, term or leader has changed, or whether this member is recovering. */
export class ChangeListeners {
  readonly #listeners = new Set<() => void>();
  #announced: Announced | undefined;

  /** Returns what ends it. */
  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells them if something is other than when they were told last. Throws what one of them does. */
  announce({ role, term, leader, recovering }: Announced): void {
    const before = this.#announced;
    const same = before?.role === role && before.term === term && before.leader === leader;
    if (same && before.recovering === recovering) return;
    this.#announced = { role, term, leader, recovering };
    this.#tell();
  }

  /** The member has stopped: they are told a last time. Throws likewise. */
  end(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    callEach(listeners, (listener) => listener());
  }

  #tell(): void {
    callEach([...this.#listeners], (listener) => listener());
  }
}
