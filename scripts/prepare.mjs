// Makes a checkout ready to run: installs and builds what is missing or out of date, and does
// nothing, quickly and without a word, when all is in place.
import { pathToFileURL } from 'node:url';
import { build, isBuilt } from './build.mjs';
import { install, isInstalled } from './lib/install.mjs';
import { currentPlatform, platformProblem, toolsProblem } from './lib/platform.mjs';
import { usageOnly } from './lib/usage.mjs';

/**
 * @param {{ tools: boolean }} [need] whether the test tools have to run too
 * @returns {Promise<boolean>} false when something failed; it has been said what and what to do
 */
export async function prepare({ tools } = { tools: false }) {
  const platform = currentPlatform();
  const problem = platformProblem(platform) ?? (tools ? toolsProblem(platform) : undefined);
  if (problem !== undefined) return fail(problem);
  if (!isInstalled({ tools })) {
    say('Installing what package-lock.json lists (npm ci)');
    if (!(await install())) {
      return fail('Installing failed. Check the connection to the npm registry, then try again.');
    }
  }
  if (!isBuilt()) {
    say('Building (tsc -b)');
    if (!(await build())) return fail('The build failed: mend the errors above, then try again.');
  }
  return true;
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line} ...\n`);
}

/** @param {string} line */
function fail(line) {
  process.stderr.write(`${line}\n`);
  return false;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const does = 'Installs what is missing, and compiles what changed.';
  process.exitCode =
    usageOnly('npm run build', does, process.argv.slice(2)) ?? ((await prepare()) ? 0 : 1);
}
