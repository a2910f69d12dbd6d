import type { CheckResult, Finding, Verdict } from '../checkers/checker.js';
import type { Json } from '../histories/json.js';
import { longestSilence } from './availability.js';
import { errorCounts } from './error-counts.js';
import { type Fault, faultsOf } from './faults.js';
import { type Call, clientCalls } from './history-calls.js';
import { Html, html } from './html.js';
import type { ReportInput } from './report-input.js';
import {
  shortened,
  shownDuration,
  shownFields,
  shownMoment,
  shownProcess,
} from './shown-values.js';
import { timelineSection } from './timeline-section.js';

/** More findings of one report are counted, not shown. */
const MAX_FINDINGS = 100;
const MAX_FINDING_LINES = 60;
const MAX_LINE_LETTERS = 1000;
/** Calls of one finding that have a button of their own. */
const MAX_FINDING_CALLS = 12;
const MAX_FAULT_ROWS = 500;
const MAX_ERROR_ROWS = 100;
const MAX_FILES = 200;

/** The name of a report's page. */
export function reportTitle({ history, verdict }: ReportInput): string {
  const { workload, suite } = history.header;
  return shortened(`${headline(verdict)}: ${workload} on ${suite}`, 200);
}

/** All that can be read without a script, and where the script paints. */
export function reportBody(input: ReportInput): Html {
  const calls = clientCalls(input.history.events);
  const faults = faultsOf(input.history.events);
  return html`
${header(input, calls, faults)}
<main>
${findingsSection(input.results, calls)}
${commandsSection(input.commands)}
${checksSection(input.results)}
${timelineSection(silenceText(calls), input.roles.length > 0)}
${faultsSection(faults)}
${errorsSection(calls)}
${filesSection(input.files)}
${optionsSection(input)}
</main>`;
}

function headline(verdict: Verdict): string {
  if (verdict === 'valid') return 'Valid';
  return verdict === 'invalid' ? 'Violation found' : 'No verdict';
}

function header(
  { history, verdict, results }: ReportInput,
  calls: readonly Call[],
  faults: readonly Fault[],
): Html {
  const { workload, suite, nemeses, seed, startedAt } = history.header;
  const violations = results.reduce(
    (sum, { verdict, findings }) => sum + (verdict === 'invalid' ? findings.length : 0),
    0,
  );
  const passed = results.filter((result) => result.verdict === 'valid').length;
  const summary =
    verdict === 'invalid'
      ? `${counted(violations, 'violation')}; ${passed} of ${counted(results.length, 'check')} passed.`
      : `${passed} of ${counted(results.length, 'check')} passed.`;
  const under = nemeses.length === 0 ? 'without faults' : `under ${nemeses.join(', ')}`;
  return html`
<header class="verdict ${verdict}">
<h1>${headline(verdict)}: ${workload} on ${suite}</h1>
<p>${summary}</p>
<p class="faint">${counted(calls.length, 'call')} ${under}, ${counted(faults.length, 'fault')}; seed ${seed}, started ${startedAt}.</p>
</header>`;
}

function findingsSection(results: readonly CheckResult[], calls: readonly Call[]): Html {
  const placeOf = new Map(calls.map(({ index }, place) => [index, place]));
  const all = results.flatMap((result) => result.findings.map((finding) => ({ result, finding })));
  if (all.length === 0) return html`<h2>Findings</h2><p>None.</p>`;
  const shown = all.slice(0, MAX_FINDINGS);
  const left = all.length - shown.length;
  return html`
<h2>Findings</h2>
${shown.map(({ result, finding }, at) => findingArticle(at, result, finding, calls, placeOf))}
${left === 0 ? '' : html`<p>And ${left} more: results.json has them all.</p>`}`;
}

function findingArticle(
  at: number,
  { checker, verdict }: CheckResult,
  { lines, calls: indexes }: Finding,
  calls: readonly Call[],
  placeOf: ReadonlyMap<number, number>,
): Html {
  const text = lines
    .slice(0, MAX_FINDING_LINES)
    .map((line) => shortened(line, MAX_LINE_LETTERS))
    .join('\n');
  const places = indexes.flatMap((index) => placeOf.get(index) ?? []);
  const left = places.length - MAX_FINDING_CALLS;
  return html`
<article class="finding">
<h3>${at + 1}. ${checker} ${badge(verdict)}</h3>
<pre>${text}${lines.length > MAX_FINDING_LINES ? '\n…' : ''}</pre>
${places.length === 0 ? '' : html`<div class="calls"><button type="button" data-finding="${at}">Show in the timeline</button>${places.slice(0, MAX_FINDING_CALLS).map((place) => callButton(place, calls[place]))}${left > 0 ? html`<span class="faint">and ${counted(left, 'call')} more</span>` : ''}</div>`}
</article>`;
}

function callButton(place: number, call: Call | undefined): Html {
  if (call === undefined) return new Html('');
  const { input, process, output, invokedMs } = call;
  const answer = output === undefined ? '' : ` → ${JSON.stringify(output)}`;
  const called = shortened(`${input.kind} ${shownFields(input)}${answer}`, 60);
  return html`<button type="button" data-operation="${place}">${shownMoment(invokedMs)} ${shownProcess(process)}: ${called}</button>`;
}

function commandsSection(commands: readonly string[]): Html {
  if (commands.length === 0) return new Html('');
  return html`<h2>Run it again</h2><pre>${commands.join('\n')}</pre>`;
}

function checksSection(results: readonly CheckResult[]): Html {
  const rows = results.map(
    ({ checker, verdict, figures }) =>
      html`<tr><td>${checker}</td><td>${badge(verdict)}</td><td class="wide">${figuresText(figures)}</td></tr>`,
  );
  return html`<h2>Checks</h2>${table('Verdicts of all checkers', ['Checker', 'Verdict', 'Figures'], rows)}`;
}

function figuresText(figures: Readonly<Record<string, Json>>): string {
  const text = Object.entries(figures)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(', ');
  return shortened(text, MAX_LINE_LETTERS);
}

function silenceText(calls: readonly Call[]): string {
  const silence = longestSilence(calls);
  if (silence === undefined) return 'No call was answered.';
  const { fromMs, toMs } = silence;
  return `Longest time without an answer: ${shownDuration(toMs - fromMs)}, from ${shownMoment(fromMs)}.`;
}

function faultsSection(faults: readonly Fault[]): Html {
  if (faults.length === 0) return html`<h2>Faults</h2><p>None.</p>`;
  // The timeline has those that may have struck, in the same order.
  let band = 0;
  const rows = faults.slice(0, MAX_FAULT_ROWS).map((fault) => {
    const { kind, text, fromMs, toMs, error } = fault;
    const hasBand = error === undefined || toMs === undefined;
    const show = hasBand
      ? html`<button type="button" data-fault="${band++}" aria-label="Show ${kind} at ${shownMoment(fromMs)} in the timeline">Show</button>`
      : '';
    return html`<tr><td>${kind}</td><td class="wide">${shortened(text, MAX_LINE_LETTERS)}${error === undefined ? '' : html` <span class="faint">did not strike: ${shortened(error, MAX_LINE_LETTERS)}</span>`}</td><td class="moment">${shownMoment(fromMs)}</td><td class="moment">${endText(fault)}</td><td>${show}</td></tr>`;
  });
  const left = faults.length - rows.length;
  return html`<h2>Faults</h2>${table('All faults', ['Fault', 'What was done', 'From', 'Until', ''], rows)}${left > 0 ? html`<p>And ${left} more.</p>` : ''}`;
}

function endText({ fromMs, toMs }: Fault): string {
  if (toMs === undefined) return 'the end: never healed';
  return `${shownMoment(toMs)} (${shownDuration(toMs - fromMs)})`;
}

function errorsSection(calls: readonly Call[]): Html {
  const counts = errorCounts(calls);
  if (counts.length === 0) return html`<h2>Errors</h2><p>None.</p>`;
  const rows = counts
    .slice(0, MAX_ERROR_ROWS)
    .map(
      ({ code, kind, failed, unknown, firstMs, message }) =>
        html`<tr><td>${code}</td><td>${kind}</td><td class="number">${failed}</td><td class="number">${unknown}</td><td class="moment">${shownMoment(firstMs)}</td><td class="wide">${shortened(message, 300)}</td></tr>`,
    );
  const left = counts.length - rows.length;
  const columns = ['Code', 'Call', 'Failed', 'Unknown', 'First at', 'Message of the first'];
  return html`<h2>Errors</h2><p class="faint">Failed: certainly without effect. Unknown: it may have taken effect.</p>${table('Errors by code and call', columns, rows)}${left > 0 ? html`<p>And ${left} kinds more.</p>` : ''}`;
}

function filesSection(files: readonly string[]): Html {
  const safe = files.filter(isRelative).slice(0, MAX_FILES);
  if (safe.length === 0) return new Html('');
  const links = safe.map((file) => {
    const address = `./${file.split('/').map(encodeURIComponent).join('/')}`;
    return html`<li><a href="${address}">${file}</a></li>`;
  });
  return html`<h2>Files</h2><ul>${links}</ul>`;
}

/** Whether it is a file beside the report or below. */
function isRelative(file: string): boolean {
  return file.isWellFormed() && file.split('/').every((name) => !['', '.', '..'].includes(name));
}

function optionsSection({ history }: ReportInput): Html {
  const rows = Object.entries(history.header.options).map(
    ([name, value]) =>
      html`<tr><td>${name}</td><td class="wide">${shortened(JSON.stringify(value), MAX_LINE_LETTERS)}</td></tr>`,
  );
  if (rows.length === 0) return new Html('');
  return html`<h2>Options</h2>${table('Options of the test', ['Option', 'Value'], rows)}`;
}

function badge(verdict: Verdict): Html {
  return html`<span class="badge ${verdict}">${verdict}</span>`;
}

/** @param name for who can't see the table */
function table(name: string, columns: readonly string[], rows: readonly Html[]): Html {
  const heads = columns.map((column) => html`<th scope="col">${column}</th>`);
  return html`<div class="scroll"><table aria-label="${name}"><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function counted(count: number, name: string): string {
  return `${count.toLocaleString('en')} ${name}${count === 1 ? '' : 's'}`;
}
