import {
  cut,
  type Frame,
  type Panel,
  paintBackground,
  paintLabel,
  spanWithin,
  startPainting,
  tickMoments,
} from './panel.js';
import type { FaultData } from './report-data.js';
import { SMALL_FONT } from './theme.js';
import { momentText, xOf } from './time-scale.js';
import type { View } from './view.js';

const AXIS_HEIGHT = 20;
const ROW_HEIGHT = 18;

/** The axis of time, and below it a row for each kind of fault. */
export class FaultsPanel implements Panel {
  readonly canvas: HTMLCanvasElement;
  readonly #view: View;
  readonly #rows: ReadonlyMap<string, readonly FaultData[]>;

  constructor(canvas: HTMLCanvasElement, view: View) {
    this.canvas = canvas;
    this.#view = view;
    const rows = new Map<string, FaultData[]>();
    for (const fault of view.data.faults) {
      const row = rows.get(fault.kind);
      if (row === undefined) rows.set(fault.kind, [fault]);
      else row.push(fault);
    }
    this.#rows = rows;
  }

  paint(frame: Frame): void {
    const height = AXIS_HEIGHT + this.#rows.size * ROW_HEIGHT;
    const context = startPainting(this.canvas, frame.width, height);
    paintBackground(context, frame, this.#view.data.faults, height);
    paintAxis(context, frame);
    let top = AXIS_HEIGHT;
    for (const [kind, faults] of this.#rows) {
      paintLabel(context, frame, kind, top + ROW_HEIGHT / 2);
      for (const fault of faults) paintFault(context, frame, fault, top);
      top += ROW_HEIGHT;
    }
  }
}

function paintAxis(context: CanvasRenderingContext2D, { scale, theme, width }: Frame): void {
  const moments = tickMoments(scale);
  const step = (moments[1] ?? scale.toUs) - (moments[0] ?? scale.fromUs);
  context.font = SMALL_FONT;
  context.fillStyle = theme.faint;
  context.textAlign = 'center';
  for (const moment of moments) {
    const text = momentText(moment, step);
    const half = context.measureText(text).width / 2;
    const x = Math.min(xOf(scale, moment), width - half - 1);
    context.fillText(text, x, AXIS_HEIGHT / 2);
  }
  context.textAlign = 'left';
}

function paintFault(
  context: CanvasRenderingContext2D,
  { scale, theme }: Frame,
  { fromUs, toUs, text }: FaultData,
  top: number,
): void {
  const [from, to] = spanWithin(scale, fromUs, toUs);
  if (to <= from) return;
  context.fillStyle = theme.fault;
  context.fillRect(from, top + 2, to - from, ROW_HEIGHT - 4);
  context.font = SMALL_FONT;
  context.fillStyle = theme.paper;
  context.fillText(cut(context, text, to - from - 8), from + 4, top + ROW_HEIGHT / 2 + 0.5);
}
