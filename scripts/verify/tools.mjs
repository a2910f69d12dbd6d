import { join } from 'node:path';
import { runChild } from '../lib/child.mjs';

/** All sources as one program, so that nothing has to be built; and what runs in a browser, where other things are there. */
const PROGRAMS = ['tsconfig.check.json', 'jepsen/src/report/page/tsconfig.json'];
const WRITES_NOTHING = ['--noEmit', '--composite', 'false', '--incremental', 'false'];

export async function checkTypes() {
  const problems = [];
  for (const program of PROGRAMS) {
    const args = ['-p', program, ...WRITES_NOTHING, '--pretty', 'false'];
    problems.push(...(await runTool('typescript/bin/tsc', args)));
  }
  return problems;
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
