import { createHash } from 'node:crypto';
import { Html, html } from '../html.js';
import { STYLE } from '../style.js';

/** A test as the list shows it. */
export interface ListedTest {
  /** Of its suite, workload and faults. */
  readonly test: string;
  readonly time: string;
  /** Undefined: it has no results that can be read. */
  readonly verdict: 'valid' | 'invalid' | 'unknown' | undefined;
  /** Names of files that it has, of those that the list links to. */
  readonly files: readonly string[];
}

/** An entry of a directory. */
export interface ListedEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** All pages but reports: no script, and no style but their own. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** @param left how many older tests are not shown */
export function testsPage(tests: readonly ListedTest[], left: number): string {
  const rows = tests.map(({ test, time, verdict, files }) => {
    const directory = `/${encodeURIComponent(test)}/${encodeURIComponent(time)}/`;
    const links = files.map(
      (file) => html`<a href="${directory}${encodeURIComponent(file)}">${file}</a> `,
    );
    return html`<tr><td>${badge(verdict)}</td><td class="wide">${test}</td><td class="moment"><a href="${directory}">${time}</a></td><td>${links}</td></tr>`;
  });
  const body =
    rows.length === 0
      ? html`<p>No test is here yet.</p>`
      : html`<div class="scroll"><table aria-label="Tests, the newest first"><thead><tr><th scope="col">Verdict</th><th scope="col">Test</th><th scope="col">Started</th><th scope="col">Files</th></tr></thead><tbody>${rows}</tbody></table></div>${left === 0 ? '' : html`<p class="faint">And ${left} older.</p>`}`;
  return page('Tests', body);
}

/** @param pathname of the directory, names encoded, with a slash at its end */
export function directoryPage(
  pathname: string,
  entries: readonly ListedEntry[],
  left: number,
): string {
  const items = entries.map(({ name, isDirectory }) => {
    const address = `./${encodeURIComponent(name)}${isDirectory ? '/' : ''}`;
    return html`<li><a href="${address}">${name}${isDirectory ? '/' : ''}</a></li>`;
  });
  const body = html`<p><a href="/">All tests</a>, <a href="../">one up</a></p><ul>${items}</ul>${left === 0 ? '' : html`<p class="faint">And ${left} more.</p>`}`;
  return page(decodeURIComponent(pathname), body);
}

export function failurePage(status: number, reason: string): string {
  return page(`${status}`, html`<p>${reason}</p><p><a href="/">All tests</a></p>`);
}

function badge(verdict: ListedTest['verdict']): Html {
  if (verdict === undefined) return html`<span class="faint">not finished</span>`;
  return html`<span class="badge ${verdict}">${verdict}</span>`;
}

function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`.text;
}
