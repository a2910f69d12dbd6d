import { setMaxListeners } from 'node:events';
import type { Cluster } from '../cluster/cluster.js';
import { JepsenError } from '../errors.js';
import { HEAL, NEMESIS } from '../histories/history-event.js';
import type { Random } from '../random.js';
import { healAll } from './heal-all.js';
import { Holds } from './holds/holds.js';
import type { Nemesis } from './nemesis.js';
import type { NemesisRecorder } from './nemesis-recorder.js';
import { waitFor } from './pausing.js';
import { callError, runSchedule } from './schedule.js';

const DEFAULT_MAX_HEALING_MS = 60_000;
/** Of each nemesis, within the time of a test: it strikes soon enough to be seen, and once more if it failed. */
const PAUSES_AT_LEAST = 4;

export interface CompositionOptions {
  readonly cluster: Cluster;
  readonly nemeses: readonly Nemesis[];
  readonly random: Random;
  /** For each healing, and for the last one of all. */
  readonly maxHealingMs?: number;
  /** How time passes: resolves after so long, and at once where the signal is aborted. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export interface RunOptions {
  readonly recorder: NemesisRecorder;
  /** No strike begins later, and what is in force ends then. */
  readonly durationMs: number;
  /** Ends it early: everything is healed all the same. */
  readonly signal: AbortSignal;
}

/** Several nemeses at once on one cluster. The seed decides when each strikes, for how long, whom and how. */
export class NemesisComposition {
  readonly #cluster: Cluster;
  readonly #nemeses: readonly Nemesis[];
  readonly #random: Random;
  readonly #maxHealingMs: number;
  readonly #pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly #holds: Holds;

  constructor(options: CompositionOptions) {
    this.#cluster = options.cluster;
    this.#nemeses = options.nemeses;
    this.#random = options.random;
    this.#maxHealingMs = options.maxHealingMs ?? DEFAULT_MAX_HEALING_MS;
    this.#pause = options.pause ?? waitFor;
    this.#holds = new Holds(options.cluster, this.#pause);
  }

  /**
   * To be called once, before the first member starts.
   * @throws JepsenError NEMESIS_UNAVAILABLE with the reason where one can't be had here
   */
  async prepare(): Promise<void> {
    for (const nemesis of this.#nemeses) {
      const reason = await nemesis.unavailable(this.#cluster);
      if (reason !== undefined) {
        const message = `${nemesis.name} can't be had: ${reason}`;
        throw new JepsenError('NEMESIS_UNAVAILABLE', message);
      }
      await nemesis.prepare?.(this.#holds, this.#cluster);
    }
  }

  /**
   * Torments the cluster for so long, then heals everything and sees that it is healed.
   * @throws JepsenError CLUSTER_FAILED where something can't be healed: what can be is healed all the same
   */
  async run({ recorder, durationMs, signal }: RunOptions): Promise<void> {
    const over = new AbortController();
    // Each nemesis waits for it.
    setMaxListeners(0, over.signal);
    const stop = () => over.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const ended = this.#pause(durationMs, over.signal).then(stop);
    try {
      const schedules = this.#nemeses.map((nemesis) =>
        runSchedule({
          cluster: this.#cluster,
          holds: this.#holds,
          nemesis,
          random: this.#random.fork(),
          recorder,
          over: over.signal,
          ending: signal,
          maxHealingMs: this.#maxHealingMs,
          maxPauseMs: durationMs / PAUSES_AT_LEAST,
          pause: this.#pause,
        }).finally(stop),
      );
      const outcomes = await Promise.allSettled([...schedules, ended]);
      await this.heal(recorder);
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    } finally {
      stop();
      signal.removeEventListener('abort', stop);
      await ended;
    }
  }

  /**
   * Undoes whatever was done to the cluster, and resolves once every member serves.
   * @throws JepsenError CLUSTER_FAILED
   */
  async heal(recorder: NemesisRecorder): Promise<void> {
    const call = recorder.invoked({ process: NEMESIS, input: { kind: HEAL } });
    try {
      const healed = await healAll({
        cluster: this.#cluster,
        holds: this.#holds,
        maxHealingMs: this.#maxHealingMs,
        signal: new AbortController().signal,
        pause: this.#pause,
      });
      recorder.ok(call, healed);
    } catch (failure) {
      recorder.info(call, callError(failure));
      throw failure;
    }
  }
}
