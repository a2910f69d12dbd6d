import { describeShort } from './describe.js';
import { laneMarks, Mark, operationAt, pixelsOf } from './marks.js';
import {
  cut,
  type Frame,
  type Panel,
  paintBackground,
  paintLabel,
  startPainting,
} from './panel.js';
import { SMALL_FONT, type Theme } from './theme.js';
import { xOf } from './time-scale.js';
import type { View } from './view.js';

const MARGIN = 10;
/** A violating operation is seen from far away: at least so wide, with a sign above all lanes. Pixels. */
const LEAST_VIOLATING = 4;
const SIGN = 5;
/** Below this a lane has no name. Pixels. */
const LEAST_NAMED = 11;
/** From this width on a bar says what was called. Pixels. */
const LEAST_TEXT = 34;
/** More points of effect than this are no line any more. */
const MOST_JOINED = 400;

/** The timeline: a lane a client, a bar an operation. */
export class OperationsPanel implements Panel {
  readonly canvas: HTMLCanvasElement;
  readonly #view: View;
  readonly #laneHeight: number;
  #frame: Frame | undefined;

  constructor(canvas: HTMLCanvasElement, view: View) {
    this.canvas = canvas;
    this.#view = view;
    const lanes = Math.max(1, view.lanes.operations.length);
    this.#laneHeight = Math.max(3, Math.min(20, Math.floor(640 / lanes)));
  }

  /** The operation that a pointer means. Pixels from the canvas's corner. */
  operationAt(x: number, y: number): number | undefined {
    const lane = this.#view.lanes.operations[Math.floor((y - MARGIN) / this.#laneHeight)];
    if (lane === undefined || this.#frame === undefined) return undefined;
    const { operations, marks } = this.#view;
    return operationAt(lane, operations, marks, this.#frame.scale, x);
  }

  paint(frame: Frame): void {
    this.#frame = frame;
    const { lanes, data } = this.#view;
    const height = lanes.operations.length * this.#laneHeight + 2 * MARGIN;
    const context = startPainting(this.canvas, frame.width, height);
    paintBackground(context, frame, data.faults, height);
    for (const lane of lanes.operations.keys()) {
      this.#paintLane(context, frame, lane);
      this.#paintName(context, frame, lane);
    }
    this.#paintViolating(context, frame);
    this.#paintOrder(context, frame);
    const { selected, hovered } = this.#view.state;
    if (hovered !== undefined) this.#paintFrame(context, frame, hovered, frame.theme.faint);
    if (selected !== undefined) this.#paintFrame(context, frame, selected, frame.theme.ink);
  }

  #top(lane: number): number {
    return MARGIN + lane * this.#laneHeight;
  }

  #paintLane(context: CanvasRenderingContext2D, frame: Frame, lane: number): void {
    const { scale, theme } = frame;
    const { operations, marks, data } = this.#view;
    const places = this.#view.lanes.operations[lane] ?? [];
    const { bars, runs } = laneMarks(places, operations, marks, scale);
    const gap = this.#laneHeight > 6 ? 2 : this.#laneHeight > 3 ? 1 : 0;
    const [top, height] = [this.#top(lane) + gap / 2, this.#laneHeight - gap];
    for (const [from, to, mark] of runs) {
      context.fillStyle = colorOf(mark, theme);
      context.fillRect(scale.left + from, top, to - from, height);
    }
    context.font = SMALL_FONT;
    for (const at of bars) {
      const [from, to] = pixelsOf(at, operations, scale);
      const mark = marks[at] ?? Mark.Nothing;
      context.fillStyle = colorOf(mark, theme);
      // The edge between two calls that follow at once.
      context.fillRect(scale.left + from, top, Math.max(1, to - from - 1), height);
      if (to - from < LEAST_TEXT || this.#laneHeight < LEAST_NAMED + 2) continue;
      context.fillStyle = mark === Mark.Dim ? theme.faint : theme.paper;
      const text = cut(context, describeShort(data, at), to - from - 8);
      context.fillText(text, scale.left + from + 4, top + height / 2 + 0.5);
    }
  }

  #paintViolating(context: CanvasRenderingContext2D, { scale, theme }: Frame): void {
    const { operations, violating } = this.#view;
    context.fillStyle = theme.violating;
    const seen = new Set<string>();
    for (const at of violating) {
      if ((operations.toUs[at] ?? 0) < scale.fromUs) continue;
      if ((operations.fromUs[at] ?? 0) > scale.toUs) continue;
      const [from, to] = pixelsOf(at, operations, scale);
      const lane = this.#view.laneOf(at);
      if (to - from >= LEAST_TEXT || seen.has(`${from} ${lane}`)) continue;
      seen.add(`${from} ${lane}`);
      const x = scale.left + (from + to) / 2;
      const width = Math.max(LEAST_VIOLATING, to - from);
      context.fillRect(x - width / 2, this.#top(lane), width, this.#laneHeight);
      context.beginPath();
      context.moveTo(x - SIGN, 1);
      context.lineTo(x + SIGN, 1);
      context.lineTo(x, 1 + SIGN + 2);
      context.fill();
    }
  }

  #paintName(context: CanvasRenderingContext2D, frame: Frame, lane: number): void {
    const every = Math.ceil(LEAST_NAMED / this.#laneHeight);
    if (lane % every !== 0) return;
    const { lanes, data } = this.#view;
    const [first = 0, ...others] = lanes.processes[lane] ?? [];
    const more = others.length === 0 ? '' : ` +${others.length}`;
    const y = this.#top(lane) + this.#laneHeight / 2;
    paintLabel(context, frame, `${data.processes[first] ?? ''}${more}`, y);
  }

  /** Where the operations of the shown order can have taken effect, joined in that order. */
  #paintOrder(context: CanvasRenderingContext2D, { scale, theme }: Frame): void {
    const { order } = this.#view.state;
    if (order === undefined) return;
    const visible = [...order.moments.keys()].filter((place) => {
      const moment = order.moments[place] ?? 0;
      return moment >= scale.fromUs && moment <= scale.toUs;
    });
    if (visible.length > MOST_JOINED) return;
    context.strokeStyle = theme.ink;
    context.fillStyle = theme.ink;
    context.lineWidth = 1;
    context.beginPath();
    for (const place of visible) context.lineTo(...this.#effectPoint(place, scale));
    context.stroke();
    for (const place of visible) {
      context.beginPath();
      context.arc(...this.#effectPoint(place, scale), 2.5, 0, 2 * Math.PI);
      context.fill();
    }
  }

  #effectPoint(place: number, scale: Frame['scale']): [x: number, y: number] {
    const { order } = this.#view.state;
    const lane = this.#view.laneOf(order?.operations[place] ?? 0);
    return [xOf(scale, order?.moments[place] ?? 0), this.#top(lane) + this.#laneHeight / 2];
  }

  #paintFrame(
    context: CanvasRenderingContext2D,
    { scale }: Frame,
    operation: number,
    color: string,
  ): void {
    const { operations } = this.#view;
    if ((operations.toUs[operation] ?? 0) < scale.fromUs) return;
    if ((operations.fromUs[operation] ?? 0) > scale.toUs) return;
    const [from, to] = pixelsOf(operation, operations, scale);
    const top = this.#top(this.#view.laneOf(operation));
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.strokeRect(scale.left + from - 1, top - 1, to - from + 2, this.#laneHeight + 2);
  }
}

function colorOf(mark: number, theme: Theme): string {
  if (mark === Mark.Violating) return theme.violating;
  if (mark === Mark.Unknown) return theme.unknown;
  if (mark === Mark.Fail) return theme.fail;
  return mark === Mark.Ok ? theme.ok : theme.dim;
}
