import { Html, html } from '../report/html.js';
import { STYLE } from '../report/style.js';
import { REPORT_FILE, strikesOf } from '../store/stored-results.js';
import { type CellResult, nameOf } from './cell-result.js';
import { type MatrixSummary, summaryLines, verdictOfMatrix } from './matrix-summary.js';

const STYLE_OF_OUTCOMES: Readonly<Partial<Record<CellResult['outcome'], string>>> = {
  valid: 'valid',
  invalid: 'invalid',
  failed: 'invalid',
};

/** A page that needs nothing else. Links lead to tests that lie two directories up, in the same store. */
export function matrixPage(
  startedAt: string,
  results: readonly CellResult[],
  summary: MatrixSummary,
): string {
  const verdict = verdictOfMatrix(summary);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Matrix, ${startedAt}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header class="verdict ${verdict ?? ''}">
<h1>Matrix: ${verdict ?? 'not finished'}</h1>
${summaryLines(summary).map((line) => html`<p>${line}</p>`)}
<p class="faint">Started ${startedAt}.</p>
</header>
<h2>Cells</h2>
${grid(results)}
<h2>Figures</h2>
${figures(results)}
${results.filter(({ reasons }) => reasons.length > 0).map(reasonsOf)}
</body>
</html>
`.text;
}

/** Workloads down, faults across. */
function grid(results: readonly CellResult[]): Html {
  const nemeses = [...new Set(results.map(({ nemesis }) => nemesis))];
  const rowOf = ({ suite, workload }: CellResult) => `${workload} on ${suite}`;
  const rows = [...new Set(results.map(rowOf))];
  const heads = nemeses.map((nemesis) => html`<th scope="col">${nemesis}</th>`);
  const lines = rows.map((row) => {
    const columns = nemeses.map((nemesis) => {
      const found = results.filter((cell) => rowOf(cell) === row && cell.nemesis === nemesis);
      return html`<td>${found.map(badge)}</td>`;
    });
    return html`<tr><th scope="row">${row}</th>${columns}</tr>`;
  });
  return html`<div class="scroll"><table aria-label="Outcomes"><thead><tr><th></th>${heads}</tr></thead><tbody>${lines}</tbody></table></div>`;
}

function figures(results: readonly CellResult[]): Html {
  const names = ['ok', 'failed', 'unknown', 'faults', 'longest silence after healing, ms'];
  const rows = results.map((result) => {
    const { counts, faults, longestSilenceAfterHealingMs } = result.test ?? {};
    const values = [
      counts?.ok,
      counts?.fail,
      counts?.info,
      faults === undefined ? undefined : strikesOf(faults),
      longestSilenceAfterHealingMs,
    ].map((value) => html`<td class="number">${value ?? ''}</td>`);
    return html`<tr><td>${nameOf(result)}</td><td>${badge(result)}</td>${values}</tr>`;
  });
  const heads = names.map((name) => html`<th scope="col">${name}</th>`);
  return html`<div class="scroll"><table aria-label="Figures"><thead><tr><th scope="col">cell</th><th scope="col">outcome</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function badge({ outcome, test }: CellResult): Html {
  const shown = html`<span class="badge ${STYLE_OF_OUTCOMES[outcome] ?? ''}">${outcome}</span>`;
  if (test === undefined) return shown;
  const path = [...test.directory.split('/'), REPORT_FILE].map(encodeURIComponent).join('/');
  return html`<a href="../../${path}">${shown}</a>`;
}

function reasonsOf(result: CellResult): Html {
  const lines = result.reasons.map((reason) => html`<p>${reason}</p>`);
  return html`<div class="finding"><h3>${result.outcome}: ${nameOf(result)}</h3>${lines}</div>`;
}
