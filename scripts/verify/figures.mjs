import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/root.mjs';
import { listOwnFiles } from './text-files.mjs';

/** A row of a table: what, `file`, `limit` or several, their defaults. */
const ROW = /^\|[^|]*\| `([\w./-]+\.ts)` \| ([^|]*`\w+`[^|]*) \| ([^|]*\d[^|]*) \|/gm;
const MEBIBYTE = 1024 * 1024;

/** Checks that the defaults in docs/architecture.md are those of the code. */
export function checkFigures() {
  const files = listOwnFiles();
  const markdown = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  return wrongFigures(markdown, (path) => {
    const file = files.find((candidate) => candidate.endsWith(`/${path}`));
    return file === undefined ? '' : readFileSync(join(root, file), 'utf8');
  }).map((problem) => `docs/architecture.md: ${problem}`);
}

/**
 * @param {string} markdown
 * @param {(path: string) => string} read
 * @returns {string[]} limits whose default in a table is not the one that the named file gives them
 */
export function wrongFigures(markdown, read) {
  return [...markdown.matchAll(ROW)].flatMap(([, path = '', limits = '', defaults = '']) =>
    [...limits.matchAll(/`(\w+)`/g)].flatMap(([, limit = '']) => {
      const figure = figureOf(limit, read(path));
      if (figure === undefined) return [`${path} gives ${limit} no default`];
      const said = new RegExp(`(^|[ ,;])${figure}($|[ ,;])`).test(defaults);
      return said ? [] : [`${limit} is ${figure} in ${path}, not ${defaults.trim()}`];
    }),
  );
}

/**
 * @param {string} limit
 * @param {string} code
 * @returns {string | undefined} as the documentation writes it
 */
function figureOf(limit, code) {
  const found = new RegExp(`\\b${limit}(?::| =) ([\\d_ *]*(?:\\d|MEBIBYTE))[,;]`).exec(code)?.[1];
  if (found === undefined) return undefined;
  const factors = found.replace('MEBIBYTE', `${MEBIBYTE}`).replaceAll('_', '').split('*');
  const value = factors.reduce((product, factor) => product * Number(factor), 1);
  return value >= MEBIBYTE && !/names/i.test(limit)
    ? `${value / MEBIBYTE} MiB`
    : value.toLocaleString('en-US');
}
