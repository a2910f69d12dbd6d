import { AvailabilityPanel } from './availability-panel.js';
import { listenToControls } from './controls.js';
import { FaultsPanel } from './faults-panel.js';
import { Gestures, listenToOverview } from './gestures.js';
import { LatencyPanel } from './latency-panel.js';
import { OperationsPanel } from './operations-panel.js';
import { OverviewPanel } from './overview-panel.js';
import { pageElement } from './page-element.js';
import { type Frame, frameFor } from './panel.js';
import { RatePanel } from './rate-panel.js';
import { readData } from './read-data.js';
import { RolesPanel } from './roles-panel.js';
import { readTheme } from './theme.js';
import { View } from './view.js';
import { Words } from './words.js';

const canvas = (id: string) => pageElement(id, HTMLCanvasElement);

function show(view: View): void {
  const timeline = pageElement('timeline', HTMLElement);
  const overview = new OverviewPanel(canvas('overview'), view);
  const faults = new FaultsPanel(canvas('faults'), view);
  const operations = new OperationsPanel(canvas('operations'), view);
  const latency = new LatencyPanel(canvas('latency'), view);
  const others = [
    new RatePanel(canvas('rate'), view),
    new AvailabilityPanel(canvas('availability'), view),
    new RolesPanel(canvas('roles'), view),
  ];
  const words = new Words(view);
  let frame: Frame = frameFor(view.state.range, overview.canvas.clientWidth, readTheme());
  let isAwaited = false;

  const paint = () => {
    isAwaited = false;
    frame = frameFor(view.state.range, overview.canvas.clientWidth, readTheme());
    for (const panel of [overview, faults, operations, latency, ...others]) panel.paint(frame);
    words.update();
  };
  const paintSoon = () => {
    if (!isAwaited) requestAnimationFrame(paint);
    isAwaited = true;
  };

  const scale = () => frame.scale;
  for (const panel of [faults, ...others]) new Gestures(panel.canvas, view, scale);
  for (const panel of [operations, latency]) {
    new Gestures(panel.canvas, view, scale, (x, y) => panel.operationAt(x, y));
  }
  listenToOverview({ canvas: overview.canvas, scale: () => overview.scale }, view);
  listenToControls(view);
  view.listen(paintSoon);
  // Painting changes the heights; just another width is painted otherwise.
  const hasOtherWidth = () => overview.canvas.clientWidth !== frame.width;
  new ResizeObserver(() => hasOtherWidth() && paintSoon()).observe(timeline);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paintSoon);
  paint();
  timeline.dataset.state = 'shown';
}

try {
  show(new View(await readData()));
} catch (error) {
  // What is written above and below the timeline can be read all the same.
  pageElement('broken', HTMLElement).textContent = `The timeline can't be shown: ${error}`;
}
