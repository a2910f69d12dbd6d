import { listFiles } from '../lib/projects.mjs';
import { root } from '../lib/root.mjs';

const TEXT = /(\.(ts|mjs|js|cjs|json|jsonc|md|sh|txt|yml|yaml)|(^|\/)\.ci\/run)$/;
const GENERATED = new Set(['node_modules', 'dist', '.git', '.cache', 'data']);

/** @returns {string[]} the project's own text files, as paths from the checkout's directory */
export function listTextFiles() {
  return listFiles('.', root, (name) => !GENERATED.has(name)).filter((file) => TEXT.test(file));
}
