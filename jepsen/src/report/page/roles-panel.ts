import {
  cut,
  type Frame,
  type Panel,
  paintBackground,
  paintLabel,
  spanWithin,
  startPainting,
} from './panel.js';
import type { RoleSpan } from './report-data.js';
import { SMALL_FONT } from './theme.js';
import type { View } from './view.js';

const ROW_HEIGHT = 20;
/** Who is silent is a line, not a bar. Pixels. */
const SILENT_HEIGHT = 3;

/** Who was what: a row a member. */
export class RolesPanel implements Panel {
  readonly canvas: HTMLCanvasElement;
  readonly #view: View;

  constructor(canvas: HTMLCanvasElement, view: View) {
    this.canvas = canvas;
    this.#view = view;
  }

  paint(frame: Frame): void {
    const { members, faults } = this.#view.data;
    const height = members.length * ROW_HEIGHT + 4;
    const context = startPainting(this.canvas, frame.width, height);
    paintBackground(context, frame, faults, height);
    for (const [row, { name, roles }] of members.entries()) {
      const top = 2 + row * ROW_HEIGHT;
      paintLabel(context, frame, name, top + ROW_HEIGHT / 2);
      for (const span of roles) paintRole(context, frame, span, top);
    }
  }
}

function paintRole(
  context: CanvasRenderingContext2D,
  { scale, theme }: Frame,
  { role, fromUs, toUs }: RoleSpan,
  top: number,
): void {
  const [from, to] = spanWithin(scale, fromUs, toUs);
  if (to <= from) return;
  const height = role === 'silent' ? SILENT_HEIGHT : ROW_HEIGHT - 4;
  context.fillStyle = theme[role];
  context.fillRect(from, top + (ROW_HEIGHT - height) / 2, to - from, height);
  if (role === 'silent') return;
  context.font = SMALL_FONT;
  context.fillStyle = role === 'follower' || role === 'learner' ? theme.ink : theme.paper;
  context.fillText(cut(context, role, to - from - 8), from + 4, top + ROW_HEIGHT / 2 + 0.5);
}
