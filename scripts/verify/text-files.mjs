import { listFiles } from '../lib/projects.mjs';
import { root } from '../lib/root.mjs';

const TEXT = /(\.(ts|mjs|js|cjs|json|jsonc|md|sh|txt|yml|yaml)|(^|\/)\.ci\/run)$/;
const GENERATED = new Set(['node_modules', 'dist', '.git', '.cache', 'data']);

/** @returns {string[]} the project's own files, as paths from the checkout's directory */
export function listOwnFiles() {
  return listFiles('.', root, (name) => !GENERATED.has(name));
}

/** @returns {string[]} those of them that are text */
export function listTextFiles() {
  return listOwnFiles().filter((file) => TEXT.test(file));
}
