import { binsFor, returnsByOutcome } from './bins.js';
import { type Frame, type Panel, paintBackground, paintLabel, startPainting } from './panel.js';
import { binEdges } from './plot.js';
import { type TimeScale, xOf } from './time-scale.js';
import type { View } from './view.js';

const HEIGHT = 44;
const BIN_WIDTH = 3;

/** The whole test, and the part of it that all other panels show. */
export class OverviewPanel implements Panel {
  readonly canvas: HTMLCanvasElement;
  readonly #view: View;
  /** Of the whole test, whatever part of it is shown. */
  scale: TimeScale | undefined;

  constructor(canvas: HTMLCanvasElement, view: View) {
    this.canvas = canvas;
    this.#view = view;
  }

  paint({ theme, width, scale: shown }: Frame): void {
    const scale = { ...shown, fromUs: 0, toUs: Math.max(1, this.#view.data.lengthUs) };
    const frame = { theme, width, scale };
    this.scale = scale;
    const context = startPainting(this.canvas, width, HEIGHT);
    paintBackground(context, frame, this.#view.data.faults, HEIGHT);
    paintLabel(context, frame, 'all', HEIGHT / 2);
    this.#paintRates(context, frame);
    this.#paintViolating(context, frame);
    const [from, to] = [xOf(scale, shown.fromUs), xOf(scale, shown.toUs)];
    context.fillStyle = theme.paper;
    context.globalAlpha = 0.65;
    context.fillRect(scale.left, 0, from - scale.left, HEIGHT);
    context.fillRect(to, 0, scale.left + scale.width - to, HEIGHT);
    context.globalAlpha = 1;
    context.strokeStyle = theme.accent;
    context.lineWidth = 2;
    context.strokeRect(from, 1, Math.max(2, to - from), HEIGHT - 2);
  }

  #paintRates(context: CanvasRenderingContext2D, { scale, theme }: Frame): void {
    const bins = binsFor(scale, Math.floor(scale.width / BIN_WIDTH));
    const outcomes = returnsByOutcome(this.#view.operations, bins);
    const totals = Float64Array.from(outcomes[0] ?? [], (_, bin) =>
      outcomes.reduce((sum, counts) => sum + (counts[bin] ?? 0), 0),
    );
    const most = totals.reduce((a, b) => Math.max(a, b), 1);
    const colors = [theme.ok, theme.fail, theme.unknown];
    for (let bin = 0; bin < bins.count; bin++) {
      const [from, end] = binEdges(scale, bins, bin);
      const to = Math.min(scale.left + scale.width, end);
      let bottom = HEIGHT;
      for (const [outcome, counts] of outcomes.entries()) {
        const height = ((counts[bin] ?? 0) / most) * (HEIGHT - 8);
        context.fillStyle = colors[outcome] ?? theme.ok;
        context.fillRect(from, bottom - height, to - from, height);
        bottom -= height;
      }
    }
  }

  #paintViolating(context: CanvasRenderingContext2D, { scale, theme }: Frame): void {
    context.fillStyle = theme.violating;
    const { operations, violating } = this.#view;
    const seen = new Set(violating.map((at) => Math.round(xOf(scale, operations.fromUs[at] ?? 0))));
    for (const x of seen) context.fillRect(x - 1, 0, 3, HEIGHT);
  }
}
