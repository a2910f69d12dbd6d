import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../lib/root.mjs';
import { listTextFiles } from './text-files.mjs';

const LINK = /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g;

/** Checks that what the documentation links to inside the project is there. */
export function checkLinks() {
  return listTextFiles()
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      linksIn(readFileSync(join(root, file), 'utf8'))
        .filter((target) => !existsSync(join(root, dirname(file), target)))
        .map((target) => `${file}: ${target} does not exist`),
    );
}

/**
 * @param {string} markdown
 * @returns {string[]} paths that it links to, without the part after #; none of other sites
 */
export function linksIn(markdown) {
  const prose = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(LINK)]
    .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/i.test(target))
    .map((target) => decodeURIComponent(target));
}
