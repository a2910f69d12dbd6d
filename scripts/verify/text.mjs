import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root } from '../lib/root.mjs';
import { listTextFiles } from './text-files.mjs';
import { textRules } from './text-rules.mjs';

/** The file that names what it forbids, and the one that tries it out. */
const EXEMPT = new Set(['scripts/verify/text-rules.mjs', 'scripts/verify/text.test.mjs']);

/** Checks each line of the project's own text against the text rules. */
export function checkText() {
  const rules = textRules({ checkout: root, home: homedir() });
  return listTextFiles()
    .filter((file) => !EXEMPT.has(file))
    .flatMap((file) => textProblems(file, readFileSync(join(root, file), 'utf8'), rules));
}

/**
 * @param {string} file
 * @param {string} text
 * @param {readonly import('./text-rules.mjs').TextRule[]} rules
 * @returns {string[]}
 */
export function textProblems(file, text, rules) {
  const rulesHere = rules.filter((rule) => rule.files.test(file));
  return text
    .split('\n')
    .flatMap((line, index) =>
      rulesHere
        .filter((rule) => rule.pattern.test(line))
        .map((rule) => `${file}:${index + 1}: ${rule.message}`),
    );
}
