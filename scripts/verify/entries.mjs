import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from '../lib/child.mjs';
import { readJson } from '../lib/projects.mjs';
import { root } from '../lib/root.mjs';

/** Loads every entry in both ways that a program may. Run with the entries as arguments. */
const LOADER = `
const { createRequire } = await import('node:module');
const require = createRequire(process.cwd() + '/');
let failed = false;
for (const entry of process.argv.slice(1)) {
  for (const [how, load] of [['require', require], ['import', (name) => import(name)]]) {
    try {
      if (Object.keys(await load(entry)).length === 0) throw new Error('it exports nothing');
    } catch (error) {
      failed = true;
      console.log(how + "('" + entry + "'): " + error.message.split('\\n')[0]);
    }
  }
}
process.exit(failed ? 1 : 0);
`;

/** Checks that what each package.json names exists as built, and that every entry loads. */
export async function checkEntries() {
  /** @type {string[]} */
  const entries = [];
  /** @type {string[]} */
  const problems = [];
  for (const directory of /** @type {string[]} */ (readJson('package.json').workspaces)) {
    const manifest = readJson(join(directory, 'package.json'));
    for (const path of pathsIn([manifest.exports, manifest.bin ?? {}])) {
      if (!existsSync(join(root, directory, path))) {
        problems.push(`${directory}/package.json names ${path}, which does not exist`);
      }
    }
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (typeof target !== 'string') entries.push(join(manifest.name, subpath));
    }
  }
  return problems.length > 0 ? problems : loadProblems(entries);
}

/** @param {readonly string[]} entries */
async function loadProblems(entries) {
  // Later versions of Node can do it without being asked.
  const flags = ['--experimental-require-module', '--no-warnings', '--input-type=module'];
  const { ok, output } = await runChild(
    process.execPath,
    [...flags, '--eval', LOADER, '--', ...entries],
    { output: 'capture' },
  );
  return ok ? [] : output.trim().split('\n');
}

/**
 * @param {unknown} value
 * @returns {string[]} all strings in it
 */
function pathsIn(value) {
  if (typeof value === 'string') return [value];
  return Object.values(/** @type {object} */ (value)).flatMap(pathsIn);
}
