import type { Terminal } from '../terminal.js';
import { count } from './load-summary.js';

/** Milliseconds between two looks on a terminal, and between two lines elsewhere. */
const TERMINAL_MS = 250;
const LINES_MS = 5000;

/** Shows how far a load has come, until it is stopped. */
export function showProgress(terminal: Terminal, entries: () => number): () => void {
  const begin = performance.now();
  let before = { entries: 0, at: begin };
  const show = () => {
    const now = { entries: entries(), at: performance.now() };
    const rate = (now.entries - before.entries) / ((now.at - before.at) / 1000);
    before = now;
    const seconds = Math.round((now.at - begin) / 1000);
    const text = `${count(now.entries)} entries loaded, ${count(rate)}/s, ${seconds} s`;
    if (terminal.interactive) terminal.status(text);
    else terminal.line(text);
  };
  const timer = setInterval(show, terminal.interactive ? TERMINAL_MS : LINES_MS);
  return () => {
    clearInterval(timer);
    terminal.status('');
  };
}
