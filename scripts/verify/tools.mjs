import { join } from 'node:path';
import { runChild } from '../lib/child.mjs';

/** Checks all sources as one program, so that nothing has to be built, and nothing is written. */
export function checkTypes() {
  return runTool('typescript/bin/tsc', ['-p', 'tsconfig.check.json', '--pretty', 'false']);
}

export function checkLintAndFormat() {
  return runTool('@biomejs/biome/bin/biome', ['ci', '--colors=off', '--error-on-warnings', '.']);
}

export function checkUnused() {
  return runTool('knip/bin/knip.js', ['--no-progress']);
}

/**
 * @param {string} program below node_modules
 * @param {readonly string[]} args
 * @returns {Promise<string[]>} what it printed if it failed
 */
async function runTool(program, args) {
  const path = join('node_modules', program);
  const { ok, output } = await runChild(process.execPath, [path, ...args], { output: 'capture' });
  return ok ? [] : output.split('\n').filter((line) => line.trim() !== '');
}
