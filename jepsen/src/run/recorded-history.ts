import { HistoryWriter } from '../histories/file/history-writer.js';
import type { History, HistoryHeader } from '../histories/history.js';
import { type HistoryEvent, NEMESIS, type OkEvent } from '../histories/history-event.js';
import type { CallCounts } from '../store/stored-results.js';

/** Events, as all of them are judged in memory: with more, the faults end, and the test with them. */
const DEFAULT_MAX_EVENTS = 4_000_000;

/** A history that is written to its file, and kept, while it happens. */
export class RecordedHistory implements AsyncDisposable {
  readonly header: HistoryHeader;
  readonly #events: HistoryEvent[] = [];
  readonly #faults = new Map<string, number>();
  readonly #full = new AbortController();
  readonly #maxEvents: number;
  readonly #counts = { invoke: 0, ok: 0, fail: 0, info: 0 };
  #writer: HistoryWriter | undefined;

  private constructor(header: HistoryHeader, maxEvents: number) {
    this.header = header;
    this.#maxEvents = maxEvents;
  }

  /** Rejects with STORE_FAILED. */
  static async create(
    file: string,
    header: HistoryHeader,
    maxEvents = DEFAULT_MAX_EVENTS,
  ): Promise<RecordedHistory> {
    const recorded = new RecordedHistory(header, maxEvents);
    recorded.#writer = await HistoryWriter.create(file, header, {
      clock: () => performance.now(),
      onEvent: (event) => recorded.#add(event),
    });
    return recorded;
  }

  get writer(): HistoryWriter {
    if (this.#writer === undefined) throw new TypeError('a history is made by create');
    return this.#writer;
  }

  /** Aborted once there are so many events. What comes behind the faults is written down all the same. */
  get full(): AbortSignal {
    return this.#full.signal;
  }

  /** Of clients. */
  get counts(): CallCounts {
    const { invoke, ...ends } = this.#counts;
    return { calls: invoke, ...ends };
  }

  /** Strikes by kind. */
  get faults(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#faults);
  }

  get faultCount(): number {
    return [...this.#faults.values()].reduce((sum, count) => sum + count, 0);
  }

  history(): History {
    return { header: this.header, events: this.#events };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writer.close();
  }

  #add(event: HistoryEvent): void {
    this.#events.push(event);
    if (this.#events.length === this.#maxEvents) this.#full.abort();
    if (event.process !== NEMESIS) this.#counts[event.type]++;
    else if (event.type === 'ok') this.#countFault(event);
  }

  /** A strike that is in force says what it is; the ends of faults, and comparisons, have no kind. */
  #countFault({ output }: OkEvent): void {
    if (typeof output !== 'object' || output === null || !('kind' in output)) return;
    const kind = `${output.kind}`;
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1);
  }
}
