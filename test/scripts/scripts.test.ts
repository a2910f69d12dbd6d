import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findScripts, type ScriptFile } from './find-scripts.js';
import { describeResult } from './report.js';
import { runScript } from './run-script.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const OURS = `${ROOT}packages/raft/src/core/scenarios`;
/** Of etcd's library; not part of the project, and not everywhere. */
const PEERS = `${ROOT}../shared/peer-tests/etcd-raft`;

function named(directory: string): readonly (readonly [string, ScriptFile])[] {
  return findScripts(directory).map((file) => [relative(directory, file.path), file]);
}

/** What is wrong, in words; empty for nothing. `levels`: differences at these count. */
function problems(file: ScriptFile, exact: boolean, levels: readonly string[]): string {
  const result = runScript(file.text, exact);
  const counts = result.directives.flatMap(({ differences }) => differences);
  const fails = result.error !== undefined || counts.some(({ level }) => levels.includes(level));
  return fails ? describeResult(file, result) : '';
}

describe('our scenarios', () => {
  it.each(named(OURS))('%s is as it says, to the letter', (_, file) => {
    expect(problems(file, true, ['state', 'messages', 'text'])).toBe('');
  });
});

if (existsSync(PEERS)) {
  describe("the scenarios of etcd's library", () => {
    it.each(named(PEERS))('%s: the state agrees', (_, file) => {
      expect(problems(file, false, ['state', 'text'])).toBe('');
    });
  });
}
