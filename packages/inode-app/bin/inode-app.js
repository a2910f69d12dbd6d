#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';

/** Files that loading the program has open at once, most of them modules. */
const FILES_TO_START = 128;

const main = new URL('../dist/cli/main.js', import.meta.url);
const limit = openFileLimit();

if (limit < FILES_TO_START) {
  refuse(
    `this process may open ${limit} files, and needs ${FILES_TO_START} to start: raise the limit (ulimit -n)`,
  );
} else if (existsSync(main)) {
  // Before the rest, which takes its time to load.
  const { keepHangupIgnored } = await import(
    new URL('../dist/cli/hangup.js', import.meta.url).href
  );
  keepHangupIgnored();
  await import(main.href);
} else {
  refuse('not built yet: run `npm run build` in its checkout');
}

/** @param {string} reason */
function refuse(reason) {
  process.stderr.write(`inode-app: ${reason}\n`);
  process.exitCode = 1;
}

/** Infinity where the system does not tell. */
function openFileLimit() {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}
