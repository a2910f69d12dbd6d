import { effectMoments } from './effect-moments.js';
import { type Lanes, packLanes } from './lanes.js';
import { Mark } from './marks.js';
import { type Operations, operationsOf } from './operations.js';
import type { OrderData, ReportData } from './report-data.js';
import { fitted, type TimeRange } from './time-scale.js';

/** What is looked at. */
export interface ViewState {
  readonly range: TimeRange;
  /** Places of operations. */
  readonly selected: number | undefined;
  readonly hovered: number | undefined;
  /** The order whose operations are shown before all others. */
  readonly order: ShownOrder | undefined;
}

export interface ShownOrder extends OrderData {
  readonly moments: Float64Array;
  /** Where an operation stands in the order. */
  readonly placeOf: ReadonlyMap<number, number>;
}

/** What is shown, and what of it is looked at. Tells who listens of every change. */
export class View {
  readonly data: ReportData;
  readonly operations: Operations;
  readonly lanes: Lanes;
  /** Places of operations that some finding is about, in the order of their calls. */
  readonly violating: readonly number[];
  #marks: Uint8Array;
  #state: ViewState;
  readonly #listeners: (() => void)[] = [];

  constructor(data: ReportData) {
    this.data = data;
    this.operations = operationsOf(data);
    this.lanes = packLanes(this.operations);
    const violating = new Set(data.findings.flatMap(({ operations }) => operations));
    this.violating = [...violating].sort((a, b) => a - b);
    this.#state = {
      range: fitted({ fromUs: 0, toUs: data.lengthUs }, data.lengthUs),
      selected: undefined,
      hovered: undefined,
      order: undefined,
    };
    this.#marks = this.#marked();
  }

  /** How each operation is shown. */
  get marks(): Uint8Array {
    return this.#marks;
  }

  get state(): ViewState {
    return this.#state;
  }

  listen(listener: () => void): void {
    this.#listeners.push(listener);
  }

  look(range: TimeRange): void {
    this.#change({ range: fitted(range, this.data.lengthUs) });
  }

  select(operation: number | undefined): void {
    this.#change({ selected: operation });
  }

  hover(operation: number | undefined): void {
    if (operation !== this.#state.hovered) this.#change({ hovered: operation });
  }

  /** Undefined: none. */
  showOrder(order: OrderData | undefined): void {
    const shown = order && {
      ...order,
      moments: effectMoments(order.operations, this.operations),
      placeOf: new Map(order.operations.map((operation, place) => [operation, place])),
    };
    this.#state = { ...this.#state, order: shown };
    this.#marks = this.#marked();
    this.#change({});
  }

  laneOf(operation: number): number {
    return this.lanes.laneOf[this.operations.process[operation] ?? 0] ?? 0;
  }

  #change(change: Partial<ViewState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  #marked(): Uint8Array {
    const { order } = this.#state;
    const marks = this.operations.outcome.map((outcome, at) =>
      order === undefined || order.placeOf.has(at) ? Mark.Ok + outcome : Mark.Dim,
    );
    for (const at of this.violating) marks[at] = Mark.Violating;
    return marks;
  }
}
