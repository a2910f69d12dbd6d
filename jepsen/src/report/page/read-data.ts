import { pageElement } from './page-element.js';
import type { ReportData } from './report-data.js';

/** The page holds its data as base64 of gzip of JSON. */
export async function readData(): Promise<ReportData> {
  const text = pageElement('data', HTMLScriptElement).textContent ?? '';
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).json();
}
