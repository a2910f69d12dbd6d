import { panned, type TimeRange, zoomed } from './time-scale.js';
import type { View } from './view.js';

/** How much longer a time than an operation took is shown around it. */
const AROUND_OPERATION = 12;
/** How much longer a time than a finding's operations span is shown around them. */
const AROUND_FINDING = 1.3;
/** How much longer a time than a fault lasted is shown around it. */
const AROUND_FAULT = 1.6;
/** At least so long a time is shown around an operation. Microseconds. */
const LEAST_AROUND_US = 2000;
const ZOOM_STEP = 2;
/** Which part of the shown time a key moves it by. */
const PAN_STEP = 0.2;

export function zoomBy(view: View, direction: 1 | -1): void {
  const { fromUs, toUs } = view.state.range;
  const factor = direction === 1 ? 1 / ZOOM_STEP : ZOOM_STEP;
  view.look(zoomed(view.state.range, factor, (fromUs + toUs) / 2));
}

export function panBy(view: View, direction: 1 | -1): void {
  const { fromUs, toUs } = view.state.range;
  view.look(panned(view.state.range, direction * PAN_STEP * (toUs - fromUs)));
}

export function showAll(view: View): void {
  view.look({ fromUs: 0, toUs: view.data.lengthUs });
}

/** Selects an operation and shows the time around it. */
export function goToOperation(view: View, operation: number): void {
  lookAt(view, [operation], AROUND_OPERATION);
  view.select(operation);
}

/** Shows the time of all operations of a finding, and selects the last that was called. */
export function goToFinding(view: View, finding: number): void {
  const { operations = [] } = view.data.findings[finding] ?? {};
  if (operations.length === 0) return;
  lookAt(view, operations, operations.length === 1 ? AROUND_OPERATION : AROUND_FINDING);
  view.select(operations.reduce((last, at) => Math.max(last, at), 0));
}

/** Shows a time and some of what is before and behind it. */
export function goToTime(view: View, { fromUs, toUs }: TimeRange): void {
  const half = (Math.max(LEAST_AROUND_US, toUs - fromUs) * AROUND_FAULT) / 2;
  const middle = (fromUs + toUs) / 2;
  view.look({ fromUs: middle - half, toUs: middle + half });
}

function lookAt(view: View, operations: readonly number[], factor: number): void {
  const { fromUs, toUs, returned } = view.operations;
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const at of operations) {
    from = Math.min(from, fromUs[at] ?? 0);
    to = Math.max(to, (returned[at] === 1 ? toUs[at] : fromUs[at]) ?? 0);
  }
  const half = Math.max(LEAST_AROUND_US, (to - from) * factor) / 2;
  const middle = (from + to) / 2;
  view.look({ fromUs: middle - half, toUs: middle + half });
}

/** The violating operation before or behind the selected one; round and round. */
export function goToViolating(view: View, direction: 1 | -1): void {
  const { violating } = view;
  const { selected } = view.state;
  const next =
    direction === 1
      ? violating.find((at) => at > (selected ?? -1))
      : violating.findLast((at) => at < (selected ?? Number.POSITIVE_INFINITY));
  const target = next ?? (direction === 1 ? violating[0] : violating.at(-1));
  if (target !== undefined) goToOperation(view, target);
}

/** The operation of the same lane before or behind the selected one. */
export function stepInLane(view: View, direction: 1 | -1): void {
  const { selected } = view.state;
  if (selected === undefined) return;
  const lane = view.lanes.operations[view.laneOf(selected)] ?? [];
  selectAndFollow(view, lane[lane.indexOf(selected) + direction]);
}

/** The operation of the lane above or below that was called next to the selected one, or to what is shown. */
export function stepAcrossLanes(view: View, direction: 1 | -1): void {
  const { fromUs } = view.operations;
  const { range, selected } = view.state;
  const moment = selected === undefined ? (range.fromUs + range.toUs) / 2 : (fromUs[selected] ?? 0);
  const from = selected === undefined ? -1 : view.laneOf(selected);
  const lane = view.lanes.operations[Math.max(0, from + direction)] ?? [];
  const behind = lane.find((at) => (fromUs[at] ?? 0) >= moment);
  selectAndFollow(view, behind ?? lane.at(-1));
}

/** The operation of the shown order before or behind the selected one. */
export function stepInOrder(view: View, direction: 1 | -1): void {
  const { order, selected } = view.state;
  if (order === undefined) return;
  const place = selected === undefined ? undefined : order.placeOf.get(selected);
  const next = place === undefined ? 0 : place + direction;
  selectAndFollow(view, order.operations[next]);
}

/** Shows another time only if the operation is not in the shown one. */
function selectAndFollow(view: View, operation: number | undefined): void {
  if (operation === undefined) return;
  const { fromUs, toUs } = view.state.range;
  const from = view.operations.fromUs[operation] ?? 0;
  const to = view.operations.toUs[operation] ?? 0;
  if (to < fromUs || from > toUs) {
    view.look(panned(view.state.range, from - (fromUs + toUs) / 2));
  }
  view.select(operation);
}
