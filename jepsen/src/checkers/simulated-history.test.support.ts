import type { History } from '../histories/history.js';
import type { CallInput, HistoryEvent } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import { Random } from '../random.js';
import type { Checker, CheckResult } from './checker.js';

/** A system that carries out one call after the other. */
export interface SimulatedSystem {
  /** Carries out a call at a time of the history, and answers it. */
  apply(input: CallInput, atMs: number): Json;
}

export interface Simulation {
  readonly seed: number;
  readonly clients: number;
  readonly calls: number;
  /** The next call of a client. */
  next(random: Random, process: number): CallInput;
  readonly system: SimulatedSystem;
  /** Read by one client after the other once all others are through. */
  readonly finals?: readonly CallInput[];
  /** The share of calls whose outcome nobody learns; half of them take effect, perhaps much later. */
  readonly unknownShare?: number;
  /** The share of calls that fail and never take effect. */
  readonly failedShare?: number;
  /** What a client learns by an answer. */
  answered?(process: number, input: CallInput, output: Json): void;
}

type Fate = 'done' | 'hidden' | 'lost' | 'failed';

interface OpenCall {
  readonly index: number;
  readonly process: number;
  readonly client: number;
  readonly input: CallInput;
  readonly fate: Fate;
  output: Json | undefined;
}

const MAX_STEP_MS = 5;
const FAILURE = { code: 'FAILED', message: 'it failed' };
const UNKNOWN = { code: 'UNKNOWN', message: 'nobody knows' };

/** What clients see whose calls overlap, of a system that carries out each at one moment in between. */
export function simulate(simulation: Simulation): History {
  return new Run(simulation).history();
}

const NO_HEADER = {
  format: 1,
  workload: 'test',
  suite: 'test',
  nemeses: [],
  seed: 0,
  startedAt: '2026-01-01T00:00:00.000Z',
  options: {},
} as const;

/** A history of just these events. */
export function historyOfEvents(events: readonly HistoryEvent[]): History {
  return { header: NO_HEADER, events };
}

export function check(checker: Checker, history: History): Promise<CheckResult> {
  return checker.check(history, {
    signal: new AbortController().signal,
    maxDurationMs: Number.POSITIVE_INFINITY,
    maxMemoryBytes: Number.POSITIVE_INFINITY,
    maxThreads: 0,
  });
}

/** In how many of the histories of so many seeds a checker finds a violation that it tells in such words. */
export async function seedsWithFinding(
  checker: Checker,
  seeds: number,
  simulation: (seed: number) => Simulation,
  words: RegExp,
): Promise<number> {
  let found = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const { verdict, findings } = await check(checker, simulate(simulation(seed)));
    const lines = findings.flatMap((finding) => finding.lines).join('\n');
    if (verdict === 'invalid' && words.test(lines)) found += 1;
  }
  return found;
}

class Run {
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #events: HistoryEvent[] = [];
  readonly #open: (OpenCall | undefined)[] = [];
  readonly #names: number[];
  /** Effects of calls that nobody waits for any more. */
  readonly #late: OpenCall[] = [];
  #atMs = 0;
  #called = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#random = new Random(simulation.seed);
    this.#names = Array.from({ length: simulation.clients }, (_, client) => client);
  }

  history(): History {
    const { clients, calls, finals = [] } = this.#simulation;
    while (this.#called < calls || this.#open.some((call) => call !== undefined)) {
      this.#goOn(this.#random.below(clients));
    }
    for (const input of finals) {
      this.#invoke(0, input, 'done');
      while (this.#open[0] !== undefined) this.#goOn(0);
    }
    return historyOfEvents(this.#events);
  }

  /** A client calls, its call takes effect, or it is answered. */
  #goOn(client: number): void {
    this.#atMs += this.#random.below(MAX_STEP_MS);
    if (this.#late.length > 0 && this.#random.chance(0.05)) {
      const late = this.#late.splice(this.#random.below(this.#late.length), 1)[0];
      if (late !== undefined) this.#simulation.system.apply(late.input, this.#atMs);
    }
    const call = this.#open[client];
    if (call === undefined) {
      if (this.#called >= this.#simulation.calls) return;
      const process = this.#names[client] ?? client;
      this.#invoke(client, this.#simulation.next(this.#random, process), this.#fate());
    } else if (call.fate === 'done' && call.output === undefined) {
      call.output = this.#simulation.system.apply(call.input, this.#atMs);
    } else {
      this.#open[client] = undefined;
      this.#end(call);
    }
  }

  #fate(): Fate {
    const { unknownShare = 0, failedShare = 0 } = this.#simulation;
    const draw = this.#random.fraction();
    if (draw < unknownShare / 2) return 'hidden';
    if (draw < unknownShare) return 'lost';
    return draw < unknownShare + failedShare ? 'failed' : 'done';
  }

  #invoke(client: number, input: CallInput, fate: Fate): void {
    this.#called += 1;
    const process = this.#names[client] ?? client;
    const index = this.#events.length;
    const session = `s${process}`;
    this.#events.push({ type: 'invoke', index, atMs: this.#atMs, process, input, session });
    this.#open[client] = { index, process, client, input, fate, output: undefined };
  }

  #end({ index: call, process, client, input, fate, output = null }: OpenCall): void {
    const at = { index: this.#events.length, atMs: this.#atMs, process, call };
    if (fate === 'done') {
      this.#events.push({ ...at, type: 'ok', output });
      this.#simulation.answered?.(client, input, output);
    } else if (fate === 'failed') {
      this.#events.push({ ...at, type: 'fail', error: FAILURE });
    } else {
      this.#events.push({ ...at, type: 'info', error: UNKNOWN });
      if (fate === 'hidden') this.#late.push({ index: call, process, client, input, fate, output });
      this.#names[client] = process + this.#simulation.clients;
    }
  }
}
