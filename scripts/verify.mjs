// npm run verify: checks everything that needs no test to run, and writes nothing.
import { pathToFileURL } from 'node:url';
import { usageOnly } from './lib/usage.mjs';
import { checkEntries } from './verify/entries.mjs';
import { checkFigures } from './verify/figures.mjs';
import { checkImports } from './verify/imports.mjs';
import { checkLinks } from './verify/links.mjs';
import { checkLockFile } from './verify/lock-file.mjs';
import { checkManifests } from './verify/manifests.mjs';
import { checkNames } from './verify/names.mjs';
import { checkText } from './verify/text.mjs';
import { checkLintAndFormat, checkTypes, checkUnused } from './verify/tools.mjs';

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {() => string[] | Promise<string[]>} run gives the problems, one a line
 * @property {string} mend what to do about them
 */

/** Lines that are shown of one check's problems; mending some shows the next. */
const MAX_PROBLEM_LINES = 40;

/** @type {readonly Check[]} */
const CHECKS = [
  { name: 'types', run: checkTypes, mend: 'mend the types; the compiler says where' },
  {
    name: 'lint and format',
    run: checkLintAndFormat,
    mend: '`npm run format` mends most of it; the rest by hand',
  },
  {
    name: 'imports',
    run: checkImports,
    mend: 'move the code, or if the design changed, the table in scripts/verify/import-rules.mjs',
  },
  {
    name: 'unused code and dependencies',
    run: checkUnused,
    mend: 'delete what nobody uses, or add the entry point to knip.json',
  },
  {
    name: 'package entries',
    run: checkEntries,
    mend: '`npm run build`; then compare `exports` in package.json with dist/',
  },
  {
    name: 'package manifests',
    run: checkManifests,
    mend: 'complete package.json or README.md; scripts/verify/manifests.mjs has the rules',
  },
  {
    name: 'text',
    run: checkText,
    mend: 'rewrite the lines; the rules are in scripts/verify/text-rules.mjs',
  },
  { name: 'links', run: checkLinks, mend: 'correct the link or write the page' },
  {
    name: 'names',
    run: checkNames,
    mend: 'say in the documentation what it is called in the code',
  },
  { name: 'figures', run: checkFigures, mend: 'say in the documentation what the code says' },
  {
    name: 'lock file',
    run: checkLockFile,
    mend: '`npm install --package-lock-only --omit-lockfile-registry-resolved`',
  },
];

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function verify() {
  let failed = 0;
  for (const { name, run, mend } of CHECKS) {
    const problems = await problemsOf(run);
    if (problems.length === 0) {
      process.stdout.write(`ok      ${name}\n`);
    } else {
      failed += 1;
      process.stdout.write(`FAILED  ${name}: ${mend}\n`);
      for (const line of shortened(problems)) process.stdout.write(`        ${line}\n`);
    }
  }
  return { passed: CHECKS.length - failed, failed };
}

/** @param {readonly string[]} lines */
function shortened(lines) {
  if (lines.length <= MAX_PROBLEM_LINES) return lines;
  const left = lines.length - MAX_PROBLEM_LINES;
  return [...lines.slice(0, MAX_PROBLEM_LINES), `... and ${left} lines more`];
}

/** @param {Check['run']} run */
async function problemsOf(run) {
  try {
    return await run();
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const does = 'Checks everything that needs no test to run, and writes nothing.';
  process.exitCode =
    usageOnly('npm run verify', does, process.argv.slice(2)) ??
    ((await verify()).failed === 0 ? 0 : 1);
}
