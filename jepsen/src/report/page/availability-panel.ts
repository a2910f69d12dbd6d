import { availability, binsFor, returnsByOutcome } from './bins.js';
import type { Frame, Panel } from './panel.js';
import { binEdges, binsAcross, startPlot, within, yOf } from './plot.js';
import type { View } from './view.js';

const HEIGHTS = [
  [0, '0 %'],
  [0.5, '50 %'],
  [1, '100 %'],
] as const;

/** The share of calls that were answered. */
export class AvailabilityPanel implements Panel {
  readonly canvas: HTMLCanvasElement;
  readonly #view: View;

  constructor(canvas: HTMLCanvasElement, view: View) {
    this.canvas = canvas;
    this.#view = view;
  }

  paint(frame: Frame): void {
    const { scale, theme } = frame;
    const context = startPlot(this.canvas, frame, this.#view.data.faults, HEIGHTS);
    const bins = binsFor(scale, binsAcross(scale));
    const shares = availability(returnsByOutcome(this.#view.operations, bins));
    within(context, scale, () => {
      for (const [bin, share] of shares.entries()) {
        if (Number.isNaN(share)) continue;
        const [from, to] = binEdges(scale, bins, bin);
        context.fillStyle = theme.ok;
        context.fillRect(from, yOf(share), to - from, yOf(0) - yOf(share));
        context.fillStyle = theme.unknown;
        context.fillRect(from, yOf(1), to - from, yOf(share) - yOf(1));
      }
    });
  }
}
