import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/root.mjs';
import { listOwnFiles } from './text-files.mjs';

/** They tell of what was, too. */
const HISTORY = /^(CHANGELOG\.md$|docs\/decisions\/)/;
const CODE = /`([^`\n]+)`/g;
/** Pictures, examples and what programs print. */
const BLOCK = /^(```|~~~)[\s\S]*?^\1/gm;
/** A file of ours, or something in one of our folders. Compiled files come and go. */
const PATH =
  /(?:^| )((?:[\w.-]+\/)*[\w.-]+\.(?:ts|mjs)|(?:packages|jepsen|test|bench|scripts|docs)\/[\w./-]+)/g;
const COMPILED = /(^|\/)dist(\/|$)/;
/** camelCase, PascalCase of two words, UPPER_CASE. */
const IDENTIFIER = /\b([a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|[A-Z]+(?:_[A-Z]+)+)\b/g;

/** Checks that files, options and codes that the documentation names are there. */
export function checkNames() {
  const files = listOwnFiles();
  const identifiers = new Set(
    files
      .filter((file) => /\.(ts|mjs|json)$/.test(file))
      .flatMap((file) => readFileSync(join(root, file), 'utf8').match(/\w+/g) ?? []),
  );
  return files
    .filter((file) => file.endsWith('.md') && !HISTORY.test(file))
    .flatMap((file) =>
      missingNames(readFileSync(join(root, file), 'utf8'), files, identifiers).map(
        (name) => `${file}: there is no ${name}`,
      ),
    );
}

/**
 * @param {string} markdown
 * @param {readonly string[]} files paths from the checkout's directory
 * @param {ReadonlySet<string>} identifiers
 * @returns {string[]} what it names in code quotes or blocks of code that is in neither; a path may
 *   leave out its first folders, and is not looked for in blocks
 */
export function missingNames(markdown, files, identifiers) {
  const unknown = (/** @type {string} */ code) =>
    [...code.matchAll(IDENTIFIER)].map(([name]) => name).filter((name) => !identifiers.has(name));
  const quoted = [...markdown.replace(BLOCK, '').matchAll(CODE)].flatMap(([, code = '']) => {
    const paths = [...code.matchAll(PATH)].map(([, path = '']) => path.replace(/\/$/, ''));
    if (paths.length === 0) return unknown(code);
    return paths.filter((path) => !COMPILED.test(path) && !files.some(isAt(path)));
  });
  return [...quoted, ...(markdown.match(BLOCK) ?? []).flatMap(unknown)];
}

/** @param {string} path @returns {(file: string) => boolean} whether a file is there or below */
function isAt(path) {
  return (file) => `/${file}/`.includes(`/${path}/`);
}
