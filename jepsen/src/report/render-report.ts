import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { encodeReport } from './encode-report.js';
import { Html, html } from './html.js';
import { linkModules } from './link-modules.js';
import type { ReportData } from './page/report-data.js';
import type { ReportInput } from './report-input.js';
import { reportBody, reportTitle } from './report-page.js';
import { STYLE } from './style.js';

/** Would end a script within a page. */
const ENDS_SCRIPT = /<\/script|<!--/i;

/**
 * A test's report: one page that needs no network and may use none. What came from the history is text in
 * it, never markup or script, and its policy runs no script but its own.
 */
export function renderReport(input: ReportInput): string {
  const script = linkModules('main', readPageModule);
  if (ENDS_SCRIPT.test(script)) throw new Error("the page's script can't stand in a page");
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(STYLE)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${reportTitle(input)}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
${reportBody(input)}
<script id="data" type="application/gzip">${new Html(packed(encodeReport(input)))}</script>
<script type="module">${new Html(script)}</script>
</body>
</html>
`.text;
}

/** Base64 has no letter that means anything in a page. */
function packed(data: ReportData): string {
  return gzipSync(JSON.stringify(data)).toString('base64');
}

function readPageModule(name: string): string {
  return readFileSync(new URL(`./page/${name}.js`, import.meta.url), 'utf8');
}

/** As a policy names what may stand in the page. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
