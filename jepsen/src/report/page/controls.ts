import {
  goToFinding,
  goToOperation,
  goToTime,
  goToViolating,
  panBy,
  showAll,
  stepAcrossLanes,
  stepInLane,
  stepInOrder,
  zoomBy,
} from './navigation.js';
import { pageElement } from './page-element.js';
import type { View } from './view.js';

/** Keys while the timeline has the focus; the page names them all. */
const KEYS: Readonly<Record<string, (view: View) => void>> = {
  '+': (view) => zoomBy(view, 1),
  '=': (view) => zoomBy(view, 1),
  '-': (view) => zoomBy(view, -1),
  '0': showAll,
  ArrowLeft: (view) => panBy(view, -1),
  ArrowRight: (view) => panBy(view, 1),
  ArrowUp: (view) => stepAcrossLanes(view, -1),
  ArrowDown: (view) => stepAcrossLanes(view, 1),
  ',': (view) => stepInLane(view, -1),
  '.': (view) => stepInLane(view, 1),
  '[': (view) => stepInOrder(view, -1),
  ']': (view) => stepInOrder(view, 1),
  n: (view) => goToViolating(view, 1),
  p: (view) => goToViolating(view, -1),
  Escape: (view) => view.select(undefined),
};

const BUTTONS: Readonly<Record<string, (view: View) => void>> = {
  'zoom-in': (view) => zoomBy(view, 1),
  'zoom-out': (view) => zoomBy(view, -1),
  'zoom-all': showAll,
  'violating-before': (view) => goToViolating(view, -1),
  'violating-next': (view) => goToViolating(view, 1),
  'order-before': (view) => stepInOrder(view, -1),
  'order-next': (view) => stepInOrder(view, 1),
};

/** Buttons, keys, and the links from findings into the timeline. */
export function listenToControls(view: View): void {
  for (const [id, act] of Object.entries(BUTTONS)) {
    pageElement(id, HTMLButtonElement).addEventListener('click', () => act(view));
  }
  pageElement('timeline', HTMLElement).addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLSelectElement) return;
    const act = KEYS[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act(view);
  });
  document.addEventListener('click', ({ target }) => {
    if (!(target instanceof HTMLButtonElement)) return;
    const { fault, finding, operation } = target.dataset;
    const struck = fault === undefined ? undefined : view.data.faults[Number(fault)];
    if (struck !== undefined) goToTime(view, struck);
    else if (finding !== undefined) goToFinding(view, Number(finding));
    else if (operation !== undefined) goToOperation(view, Number(operation));
    else return;
    const canvas = pageElement('operations', HTMLCanvasElement);
    pageElement('timeline', HTMLElement).scrollIntoView();
    canvas.focus({ preventScroll: true });
  });
  listenToOrders(view);
}

function listenToOrders(view: View): void {
  const select = pageElement('order', HTMLSelectElement);
  for (const [at, { name, operations }] of view.data.orders.entries()) {
    select.add(new Option(`${name} (${operations.length})`, String(at)));
  }
  pageElement('order-label', HTMLElement).hidden = view.data.orders.length === 0;
  select.addEventListener('change', () => {
    view.showOrder(select.value === '' ? undefined : view.data.orders[Number(select.value)]);
  });
}
