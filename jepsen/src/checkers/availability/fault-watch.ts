import { HEAL, type HistoryEvent } from '../../histories/history-event.js';
import { COMPARE_MEMBERS } from '../members/member-calls.js';

/** Before the first fault, while one is in force, or after all so far were healed. */
export type FaultPhase = 'before' | 'during' | 'after';

/**
 * Follows the events of the nemesis process; see `NemesisRecorder`. A fault is in force from its call until
 * the call that heals it is answered. One that could not be had is undone when its call has ended.
 */
export class FaultWatch {
  readonly #inForce = new Set<number>();
  /** By the calls that heal: the fault, or all. */
  readonly #healing = new Map<number, number | 'all'>();
  #hadFaults = false;

  get phase(): FaultPhase {
    if (this.#inForce.size > 0) return 'during';
    return this.#hadFaults ? 'after' : 'before';
  }

  take(event: HistoryEvent): void {
    if (event.type === 'invoke') {
      const { kind, fault } = event.input;
      if (kind === HEAL) this.#healing.set(event.index, typeof fault === 'number' ? fault : 'all');
      else if (kind !== COMPARE_MEMBERS) {
        this.#inForce.add(event.index);
        this.#hadFaults = true;
      }
      return;
    }
    const healed = this.#healing.get(event.call);
    this.#healing.delete(event.call);
    if (healed === 'all') this.#inForce.clear();
    else if (healed !== undefined) this.#inForce.delete(healed);
    else if (event.type !== 'ok') this.#inForce.delete(event.call);
  }
}
