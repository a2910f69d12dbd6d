import { binsFor, returnsByOutcome } from './bins.js';
import type { Frame, Panel } from './panel.js';
import { binsAcross, paintSteps, startPlot, within } from './plot.js';
import { roundStep } from './time-scale.js';
import type { View } from './view.js';

/** How many calls a second returned, by outcome. */
export class RatePanel implements Panel {
  readonly canvas: HTMLCanvasElement;
  readonly #view: View;

  constructor(canvas: HTMLCanvasElement, view: View) {
    this.canvas = canvas;
    this.#view = view;
  }

  paint(frame: Frame): void {
    const { scale, theme } = frame;
    const bins = binsFor(scale, binsAcross(scale));
    const rates = returnsByOutcome(this.#view.operations, bins).map((counts) =>
      Float64Array.from(counts, (count) => (count / bins.stepUs) * 1e6),
    );
    const most = Math.max(1, ...rates.map((rate) => rate.reduce((a, b) => Math.max(a, b), 0)));
    const step = roundStep(most / 3);
    const top = Math.ceil(most / step) * step;
    const heights = Array.from(
      { length: Math.round(top / step) + 1 },
      (_, at) => [(at * step) / top, rateText(at * step)] as const,
    );
    const context = startPlot(this.canvas, frame, this.#view.data.faults, heights);
    within(context, scale, () => {
      const colors = [theme.ok, theme.fail, theme.unknown];
      for (const [outcome, rate] of rates.entries()) {
        // A line along the bottom would say that there is something.
        if (outcome > 0 && rate.every((value) => value === 0)) continue;
        context.strokeStyle = colors[outcome] ?? theme.ink;
        context.lineWidth = 1.5;
        paintSteps(
          context,
          scale,
          bins,
          rate.map((value) => value / top),
        );
      }
    });
  }
}

function rateText(perSecond: number): string {
  if (perSecond >= 1e6) return `${perSecond / 1e6} M/s`;
  return perSecond >= 1e4 ? `${perSecond / 1e3} k/s` : `${Number(perSecond.toPrecision(3))}/s`;
}
