import { type Html, html } from './html.js';

/**
 * Where the page's script paints. What it paints is told elsewhere in words: findings, faults and errors
 * in tables, the selected operation below the timeline.
 *
 * @param silence in words, the longest time without an answer
 * @param hasRoles whether anyone asked for the members' roles
 */
export function timelineSection(silence: string, hasRoles: boolean): Html {
  return html`
<section id="timeline" aria-label="Timeline">
<h2>Timeline</h2>
<p id="broken" role="alert"></p>
<noscript><p>The timeline needs a browser's scripts; everything else is told in the tables.</p></noscript>
<div class="tools">
<button type="button" id="zoom-in" aria-label="Zoom in" title="Zoom in (+)">+</button>
<button type="button" id="zoom-out" aria-label="Zoom out" title="Zoom out (-)">−</button>
<button type="button" id="zoom-all" title="Whole test (0)">Whole test</button>
<button type="button" id="violating-before" title="Violating operation before (p)">‹ Violating</button>
<button type="button" id="violating-next" title="Next violating operation (n)">Violating ›</button>
<label id="order-label" hidden>Order found <select id="order"><option value="">none</option></select></label>
<button type="button" id="order-before" hidden title="Before it in the order ([)">‹ Order</button>
<button type="button" id="order-next" hidden title="Behind it in the order (])">Order ›</button>
<span id="range" class="faint"></span>
</div>
<canvas id="overview" role="img" aria-label="The whole test, and the part of it that is shown"></canvas>
<canvas id="faults" role="img" aria-label="The axis of time and the faults, as in the table of faults"></canvas>
<h3>Operations, a row a client</h3>
${legend([
  ['ok', 'answered'],
  ['fail', 'failed for certain'],
  ['unknown', 'outcome unknown'],
  ['violating', 'part of a finding'],
  ['fault', 'fault in force'],
])}
<canvas id="operations" tabindex="0" role="application" aria-label="Operations by client" aria-describedby="keys"></canvas>
<div id="selected" aria-live="polite">
<p id="nothing-selected" class="faint">No operation is selected: click one, or use the keys below.</p>
<dl id="facts"></dl>
<span id="order-words" class="faint"></span>
</div>
<details><summary>Keys and gestures</summary>
<p id="keys" class="faint">With the focus on the operations: <kbd>←</kbd> <kbd>→</kbd> move in time,
<kbd>+</kbd> <kbd>-</kbd> zoom, <kbd>0</kbd> whole test, <kbd>↑</kbd> <kbd>↓</kbd> client above or below,
<kbd>,</kbd> <kbd>.</kbd> operation before or behind, <kbd>p</kbd> <kbd>n</kbd> violating operation before or behind,
<kbd>[</kbd> <kbd>]</kbd> before or behind in the order found, <kbd>Esc</kbd> selects nothing.
<code>5 +10</code>: process 5, and 10 names that its client took later, one after each call of unknown outcome.
Drag moves in time, a wheel with <kbd>Ctrl</kbd> or a pinch zooms, a drag on the whole test shows just that time.</p>
</details>
<h3>Latency</h3>
${legend([
  ['line', 'median'],
  ['thin', '99th percentile'],
  ['ok', 'a call, by its outcome'],
])}
<canvas id="latency" role="img" aria-label="Latency of calls over time, on a logarithmic scale"></canvas>
<h3>Rate of calls that returned</h3>
<canvas id="rate" role="img" aria-label="Calls that returned a second, by outcome"></canvas>
<h3>Availability</h3>
<p class="faint">The share of calls that were answered. ${silence}</p>
<canvas id="availability" role="img" aria-label="Share of calls that were answered, over time"></canvas>
<h3>Roles of members</h3>
${hasRoles ? '' : html`<p class="faint">They were not asked for.</p>`}
${legend([
  ['leader', 'leader'],
  ['candidate', 'candidate'],
  ['follower', 'follower'],
  ['learner', 'learner'],
  ['silent', 'does not answer'],
])}
<canvas id="roles" role="img" aria-label="Roles of the members over time"></canvas>
<div id="tip" hidden></div>
</section>`;
}

function legend(entries: readonly (readonly [style: string, name: string])[]): Html {
  return html`<div class="legend">${entries.map(([style, name]) => html`<span><i class="${style}"></i>${name}</span>`)}</div>`;
}
