import type { FaultData } from './report-data.js';
import { FONT, SMALL_FONT, type Theme } from './theme.js';
import { type TimeRange, type TimeScale, ticks, xOf } from './time-scale.js';

/** Sharper than this nobody sees, and it costs. */
const MOST_PIXEL_RATIO = 2;
/** Between two moments on the axis. Pixels. */
const TICK_DISTANCE = 90;
const RIGHT_MARGIN = 10;

/** What is the same for all panels while one frame is painted: they share the axis of time. */
export interface Frame {
  readonly scale: TimeScale;
  readonly theme: Theme;
  /** All of a panel. Pixels. */
  readonly width: number;
}

export interface Panel {
  readonly canvas: HTMLCanvasElement;
  paint(frame: Frame): void;
}

/** @param width of a panel, pixels: on a narrow screen there is less room for names */
export function frameFor(range: TimeRange, width: number, theme: Theme): Frame {
  const left = width < 600 ? 64 : 120;
  return {
    scale: { ...range, left, width: Math.max(40, width - left - RIGHT_MARGIN) },
    theme,
    width,
  };
}

/** Makes a canvas so high, empties it, and measures it in the page's pixels. */
export function startPainting(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D {
  const ratio = Math.min(window.devicePixelRatio || 1, MOST_PIXEL_RATIO);
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser has no canvas');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = 'middle';
  return context;
}

export function tickMoments(scale: TimeScale): readonly number[] {
  return ticks(scale, Math.max(3, Math.floor(scale.width / TICK_DISTANCE)));
}

/** What all panels have behind what is their own: faults as bands, and round moments as lines. */
export function paintBackground(
  context: CanvasRenderingContext2D,
  { scale, theme }: Frame,
  faults: readonly FaultData[],
  height: number,
): void {
  context.fillStyle = theme.faultBand;
  for (const { fromUs, toUs } of faults) {
    const [from, to] = spanWithin(scale, fromUs, toUs);
    if (to > from) context.fillRect(from, 0, to - from, height);
  }
  context.fillStyle = theme.line;
  for (const moment of tickMoments(scale)) {
    context.fillRect(Math.round(xOf(scale, moment)), 0, 1, height);
  }
}

/** Where a span is seen; nowhere: the end is not behind the start. At least a pixel wide if it is seen. */
export function spanWithin(
  scale: TimeScale,
  fromUs: number,
  toUs: number,
): readonly [from: number, to: number] {
  if (toUs < scale.fromUs || fromUs > scale.toUs) return [0, 0];
  const from = Math.max(scale.left, xOf(scale, fromUs));
  const to = Math.min(scale.left + scale.width, xOf(scale, toUs));
  return [from, Math.max(to, from + 1)];
}

/** A name to the left of the axis, cut where there is no room. */
export function paintLabel(
  context: CanvasRenderingContext2D,
  { scale, theme }: Frame,
  text: string,
  y: number,
): void {
  context.font = SMALL_FONT;
  context.fillStyle = theme.faint;
  context.textAlign = 'right';
  context.fillText(cut(context, text, scale.left - 10), scale.left - 6, y);
  context.textAlign = 'left';
}

/** As much of a text as fits; nothing where not even three letters do. */
export function cut(context: CanvasRenderingContext2D, text: string, width: number): string {
  // An average letter is wider than this: no need to measure texts that are far too long.
  const shortened = text.slice(0, Math.ceil(width / 3));
  if (shortened.length === text.length && context.measureText(text).width <= width) return text;
  for (let length = shortened.length; length >= 3; length--) {
    const candidate = `${shortened.slice(0, length)}…`;
    if (context.measureText(candidate).width <= width) return candidate;
  }
  return '';
}
