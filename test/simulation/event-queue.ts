/** 0: input. 1: what waits until all input of its moment was handled. */
export type Phase = 0 | 1;

/** To whom events happen: it may be held up, or be gone by then. */
export interface EventOwner {
  happens(event: VirtualEvent): void;
}

/** Something that will happen at a virtual moment. */
export class VirtualEvent {
  readonly atMs: number;
  readonly phase: Phase;
  readonly sequence: number;
  /** Undefined for the world around the processes. */
  readonly owner: EventOwner | undefined;
  /** Undefined once it was cancelled. */
  action: (() => void) | undefined;

  constructor(
    atMs: number,
    phase: Phase,
    sequence: number,
    owner: EventOwner | undefined,
    action: () => void,
  ) {
    this.atMs = atMs;
    this.phase = phase;
    this.sequence = sequence;
    this.owner = owner;
    this.action = action;
  }

  cancel(): void {
    this.action = undefined;
  }
}

/** A binary heap of events: by time, then phase, then the order in which they were planned. */
export class EventQueue {
  readonly #heap: VirtualEvent[] = [];

  get size(): number {
    return this.#heap.length;
  }

  peek(): VirtualEvent | undefined {
    return this.#heap[0];
  }

  push(event: VirtualEvent): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(event);
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      const above = heap[parent];
      if (above === undefined || !before(event, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = event;
  }

  pop(): VirtualEvent | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    const end = heap.length;
    let place = 0;
    for (let childPlace = 1; childPlace < end; childPlace = place * 2 + 1) {
      let child = heap[childPlace];
      const right = childPlace + 1 < end ? heap[childPlace + 1] : undefined;
      if (child === undefined) break;
      if (right !== undefined && before(right, child)) {
        child = right;
        childPlace++;
      }
      if (!before(child, last)) break;
      heap[place] = child;
      place = childPlace;
    }
    heap[place] = last;
    return top;
  }
}

function before(a: VirtualEvent, b: VirtualEvent): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  if (a.phase !== b.phase) return a.phase < b.phase;
  return a.sequence < b.sequence;
}
