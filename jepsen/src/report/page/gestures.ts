import type { OverviewPanel } from './overview-panel.js';
import { momentAt, panned, type TimeRange, type TimeScale, zoomed } from './time-scale.js';
import type { View } from './view.js';

/** A pointer that moves less than this while it is down has clicked. Pixels. */
const CLICK_REACH = 4;
/** How much longer a time is shown after one pixel of a wheel. */
const WHEEL_FACTOR = 1.002;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Drags, pinches and wheels on a canvas whose axis of time is the shown one. */
export class Gestures {
  readonly #canvas: HTMLCanvasElement;
  readonly #view: View;
  readonly #scale: () => TimeScale;
  readonly #operationAt: (x: number, y: number) => number | undefined;
  readonly #down = new Map<number, Place>();
  #range: TimeRange | undefined;
  #started: readonly Place[] = [];
  #hasMoved = false;

  constructor(
    canvas: HTMLCanvasElement,
    view: View,
    scale: () => TimeScale,
    operationAt: (x: number, y: number) => number | undefined = () => undefined,
  ) {
    this.#canvas = canvas;
    this.#view = view;
    this.#scale = scale;
    this.#operationAt = operationAt;
    canvas.addEventListener('pointerdown', (event) => this.#press(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    canvas.addEventListener('pointerup', (event) => this.#release(event));
    canvas.addEventListener('pointercancel', (event) => this.#forget(event));
    canvas.addEventListener('pointerleave', () => view.hover(undefined));
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener('dblclick', (event) => this.#zoomAround(event.offsetX, 1 / 3));
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, placeOf(event));
    this.#hasMoved = this.#down.size > 1;
    this.#begin();
  }

  /** A gesture is what lies between the pointers as they were and as they are. */
  #begin(): void {
    this.#started = [...this.#down.values()];
    this.#range = this.#view.state.range;
  }

  #move(event: PointerEvent): void {
    if (!this.#down.has(event.pointerId)) {
      this.#view.hover(this.#operationAt(event.offsetX, event.offsetY));
      return;
    }
    this.#down.set(event.pointerId, placeOf(event));
    const [start] = this.#started;
    if (start !== undefined && distance(start, placeOf(event)) > CLICK_REACH) this.#hasMoved = true;
    if (!this.#hasMoved || this.#range === undefined) return;
    this.#view.hover(undefined);
    this.#view.look(this.#moved(this.#range));
  }

  #moved(range: TimeRange): TimeRange {
    const now = [...this.#down.values()];
    const scale = { ...this.#scale(), ...range };
    const usPerPixel = (range.toUs - range.fromUs) / scale.width;
    const by = (middle(this.#started) - middle(now)) * usPerPixel;
    const factor = spread(this.#started) / spread(now);
    return panned(zoomed(range, factor, momentAt(scale, middle(this.#started))), by * factor);
  }

  #release(event: PointerEvent): void {
    const wasDown = this.#down.has(event.pointerId);
    this.#forget(event);
    if (wasDown && !this.#hasMoved) {
      this.#view.select(this.#operationAt(event.offsetX, event.offsetY));
    }
  }

  #forget(event: PointerEvent): void {
    this.#down.delete(event.pointerId);
    this.#begin();
  }

  /** A wheel alone scrolls the page, as it does anywhere else. */
  #wheel(event: WheelEvent): void {
    const pans = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.#zoomAround(event.offsetX, WHEEL_FACTOR ** event.deltaY);
    } else if (pans) {
      event.preventDefault();
      const { range } = this.#view.state;
      const pixels = event.deltaX === 0 ? event.deltaY : event.deltaX;
      this.#view.look(panned(range, (pixels * (range.toUs - range.fromUs)) / this.#scale().width));
    }
  }

  #zoomAround(x: number, factor: number): void {
    this.#view.look(zoomed(this.#view.state.range, factor, momentAt(this.#scale(), x)));
  }
}

/** A drag on the overview shows just that time; a click shows the time around it. */
export function listenToOverview({ canvas, ...panel }: Overview, view: View): void {
  let start: number | undefined;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    start = event.offsetX;
  });
  canvas.addEventListener('pointermove', (event) => {
    const scale = panel.scale();
    if (start === undefined || scale === undefined) return;
    if (Math.abs(event.offsetX - start) <= CLICK_REACH) return;
    const [from, to] = [Math.min(start, event.offsetX), Math.max(start, event.offsetX)];
    view.look({ fromUs: momentAt(scale, from), toUs: momentAt(scale, to) });
  });
  canvas.addEventListener('pointerup', (event) => {
    const scale = panel.scale();
    if (start !== undefined && scale !== undefined) {
      const isClick = Math.abs(event.offsetX - start) <= CLICK_REACH;
      if (isClick) centerOn(view, momentAt(scale, event.offsetX));
    }
    start = undefined;
  });
  canvas.addEventListener('pointercancel', () => {
    start = undefined;
  });
}

interface Overview {
  readonly canvas: OverviewPanel['canvas'];
  scale(): TimeScale | undefined;
}

function centerOn(view: View, moment: number): void {
  const { fromUs, toUs } = view.state.range;
  view.look(panned(view.state.range, moment - (fromUs + toUs) / 2));
}

function placeOf(event: PointerEvent): Place {
  return { x: event.offsetX, y: event.offsetY };
}

function distance(one: Place, other: Place): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function middle(places: readonly Place[]): number {
  return places.reduce((sum, { x }) => sum + x, 0) / Math.max(1, places.length);
}

/** How far apart two pointers are; 1 for one, which has nothing to be apart from. */
function spread([one, other]: readonly Place[]): number {
  if (one === undefined || other === undefined) return 1;
  return Math.max(10, distance(one, other));
}
