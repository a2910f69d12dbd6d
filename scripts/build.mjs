// Compiles what changed, and removes compiled files whose source has gone: tests run as compiled,
// and a deleted one must not go on running.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runChild } from './lib/child.mjs';
import { projects } from './lib/projects.mjs';
import { root } from './lib/root.mjs';

/** Holds the fingerprint of the last build that succeeded. */
const STAMP = join(root, '.cache', 'build');
const COMPILER = join('node_modules', 'typescript', 'bin', 'tsc');

/** Whether a build would change nothing. */
export function isBuilt() {
  return (
    existsSync(STAMP) &&
    readFileSync(STAMP, 'utf8') === fingerprint() &&
    projects().every((project) => project.isComplete() && project.orphans().length === 0)
  );
}

/**
 * Shows the compiler's output.
 *
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function build() {
  rmSync(STAMP, { force: true });
  for (const project of projects()) {
    project.removeOrphans();
    if (!project.isComplete()) project.forget();
  }
  // Taken before: what changes during the build is built next time.
  const before = fingerprint();
  const { ok } = await runChild(process.execPath, [COMPILER, '-b'], { output: 'show' });
  if (!ok) return false;
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, before);
  return true;
}

/** Names, sizes and times of everything that a build depends on. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json'];
  for (const project of projects()) {
    files.push(...project.configurations(), ...project.sources());
    const manifest = join(project.directory, 'package.json');
    if (existsSync(join(root, manifest))) files.push(manifest);
  }
  for (const file of files) {
    const { mtimeMs, size } = statSync(join(root, file));
    hash.update(`${file}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest('hex');
}
