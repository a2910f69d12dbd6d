import type { Bins } from './bins.js';
import { type Frame, paintBackground, paintLabel, startPainting } from './panel.js';
import type { FaultData } from './report-data.js';
import { type TimeScale, xOf } from './time-scale.js';

export const PLOT_HEIGHT = 140;
const TOP_MARGIN = 10;
const BOTTOM_MARGIN = 8;
/** A bin is at least so wide, so that it holds something. Pixels. */
const LEAST_BIN = 6;

/** Where a value from 0 (bottom) to 1 (top) is. */
export function yOf(share: number): number {
  return PLOT_HEIGHT - BOTTOM_MARGIN - share * (PLOT_HEIGHT - BOTTOM_MARGIN - TOP_MARGIN);
}

export function binsAcross(scale: TimeScale): number {
  return Math.max(10, Math.floor(scale.width / LEAST_BIN));
}

/** A plot without its values: bands, lines and the names of some heights. */
export function startPlot(
  canvas: HTMLCanvasElement,
  frame: Frame,
  faults: readonly FaultData[],
  heights: readonly (readonly [share: number, name: string])[],
): CanvasRenderingContext2D {
  const context = startPainting(canvas, frame.width, PLOT_HEIGHT);
  paintBackground(context, frame, faults, PLOT_HEIGHT);
  for (const [share, name] of heights) {
    context.fillStyle = frame.theme.line;
    context.fillRect(frame.scale.left, Math.round(yOf(share)), frame.scale.width, 1);
    paintLabel(context, frame, name, yOf(share));
  }
  return context;
}

/** Has what follows painted within the axis of time only. */
export function within(
  context: CanvasRenderingContext2D,
  { left, width }: TimeScale,
  paint: () => void,
): void {
  context.save();
  context.beginPath();
  context.rect(left, 0, width, PLOT_HEIGHT);
  context.clip();
  paint();
  context.restore();
}

/** Steps from bin to bin; a gap where there is no value. */
export function paintSteps(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  bins: Bins,
  shares: ArrayLike<number>,
): void {
  context.beginPath();
  let isOpen = false;
  for (let bin = 0; bin < bins.count; bin++) {
    const share = shares[bin] ?? Number.NaN;
    const [from, to] = binEdges(scale, bins, bin);
    if (Number.isNaN(share)) {
      isOpen = false;
      continue;
    }
    if (isOpen) context.lineTo(from, yOf(share));
    else context.moveTo(from, yOf(share));
    context.lineTo(to, yOf(share));
    isOpen = true;
  }
  context.stroke();
}

export function binEdges(
  scale: TimeScale,
  { firstUs, stepUs }: Bins,
  bin: number,
): readonly [from: number, to: number] {
  const from = firstUs + bin * stepUs;
  // Whole pixels: bars that stand side by side have no seam.
  return [Math.round(xOf(scale, from)), Math.round(xOf(scale, from + stepUs))];
}
