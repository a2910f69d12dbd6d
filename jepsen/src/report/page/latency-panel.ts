import { binsFor, eachReturn, latencyQuantiles, occupied } from './bins.js';
import { Mark } from './marks.js';
import type { Frame, Panel } from './panel.js';
import { binsAcross, PLOT_HEIGHT, paintSteps, startPlot, within, yOf } from './plot.js';
import { durationText, type TimeScale, xOf } from './time-scale.js';
import type { View } from './view.js';

/** A point is so wide and high. Pixels. */
const POINT = 2;
/** Where there are few points. Pixels. */
const LONE_POINT = 4;
/** How far a pointer may be from the point that it means. Pixels. */
const REACH = 8;
const MEDIAN_AND_99 = [0.5, 0.99];
const QUANTILE_BINS = 100;
/** Quantiles of fewer calls than this say nothing that their points do not. */
const LEAST_CALLS_A_BIN = 5;

/** How long calls took: a point each, and of many the median and the 99th percentile; a logarithmic scale. */
export class LatencyPanel implements Panel {
  readonly canvas: HTMLCanvasElement;
  readonly #view: View;
  readonly #powers: readonly [least: number, most: number];
  #frame: Frame | undefined;

  constructor(canvas: HTMLCanvasElement, view: View) {
    this.canvas = canvas;
    this.#view = view;
    this.#powers = powersOfTen(view);
  }

  /** The operation that a pointer means. Pixels from the canvas's corner. */
  operationAt(x: number, y: number): number | undefined {
    let best: number | undefined;
    let bestDistance = REACH;
    if (this.#frame === undefined) return undefined;
    for (const [at, pointX, pointY] of this.#points(this.#frame.scale)) {
      const distance = Math.hypot(pointX - x, pointY - y);
      if (distance < bestDistance) [best, bestDistance] = [at, distance];
    }
    return best;
  }

  paint(frame: Frame): void {
    this.#frame = frame;
    const { scale, theme } = frame;
    const context = startPlot(this.canvas, frame, this.#view.data.faults, this.#heights());
    const colors = [
      [Mark.Dim, theme.dim],
      [Mark.Ok, theme.ok],
      [Mark.Fail, theme.fail],
      [Mark.Unknown, theme.unknown],
      [Mark.Violating, theme.violating],
    ] as const;
    within(context, scale, () => {
      const points = new Map<number, [number, number][]>(colors.map(([mark]) => [mark, []]));
      let count = 0;
      for (const [at, x, y] of this.#points(scale)) {
        count++;
        points.get(this.#view.marks[at] ?? Mark.Nothing)?.push([x / POINT, y / POINT]);
      }
      const [columns, rows] = [Math.ceil(frame.width / POINT), Math.ceil(PLOT_HEIGHT / POINT)];
      const areFew = count < LEAST_CALLS_A_BIN * QUANTILE_BINS;
      for (const [mark, color] of colors) {
        context.fillStyle = color;
        const size = mark === Mark.Violating ? 3 * POINT : areFew ? LONE_POINT : POINT;
        for (const [x, y] of occupied(points.get(mark) ?? [], columns, rows)) {
          context.fillRect(
            x * POINT - (size - POINT) / 2,
            y * POINT - (size - POINT) / 2,
            size,
            size,
          );
        }
      }
      if (!areFew) this.#paintQuantiles(context, frame);
    });
  }

  #paintQuantiles(context: CanvasRenderingContext2D, { scale, theme }: Frame): void {
    const { operations } = this.#view;
    const bins = binsFor(scale, Math.min(QUANTILE_BINS, binsAcross(scale)));
    const lines = latencyQuantiles(operations, bins, MEDIAN_AND_99);
    for (const [line, quantile] of lines.entries()) {
      context.strokeStyle = theme.ink;
      context.lineWidth = line === 0 ? 2 : 1;
      const shares = quantile.map((us) => this.#shareOf(us));
      paintSteps(context, scale, bins, shares);
    }
  }

  *#points(scale: TimeScale): Iterable<[at: number, x: number, y: number]> {
    const { operations } = this.#view;
    const points: [number, number, number][] = [];
    const bins = { firstUs: scale.fromUs, stepUs: scale.toUs - scale.fromUs + 1, count: 1 };
    eachReturn(operations, bins, (at) => {
      const to = operations.toUs[at] ?? 0;
      const share = this.#shareOf(to - (operations.fromUs[at] ?? 0));
      points.push([at, xOf(scale, to), yOf(share)]);
    });
    yield* points;
  }

  #shareOf(us: number): number {
    const [least, most] = this.#powers;
    return (Math.log10(Math.max(1, us)) - least) / (most - least);
  }

  #heights(): readonly (readonly [number, string])[] {
    const [least, most] = this.#powers;
    const every = most - least > 4 ? 2 : 1;
    return Array.from({ length: most - least + 1 }, (_, at) => least + at)
      .filter((power) => (power - least) % every === 0)
      .map((power) => [(power - least) / (most - least), durationText(10 ** power)] as const);
  }
}

/** Between which powers of ten all latencies are. Microseconds. */
function powersOfTen({ operations }: View): readonly [least: number, most: number] {
  let [shortest, longest] = [Number.POSITIVE_INFINITY, 1];
  for (const at of operations.byReturn) {
    const took = Math.max(1, (operations.toUs[at] ?? 0) - (operations.fromUs[at] ?? 0));
    shortest = Math.min(shortest, took);
    longest = Math.max(longest, took);
  }
  const least = Math.floor(Math.log10(Math.min(shortest, longest)));
  return [least, Math.max(least + 1, Math.ceil(Math.log10(longest)))];
}
