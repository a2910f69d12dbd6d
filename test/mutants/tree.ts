import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { runProgram } from './program.js';

const COMPILER = 'node_modules/typescript/bin/tsc';
const MAX_SILENCE_MS = 120_000;
/** What a copy does without, at the top of the tree. */
const LEFT_OUT = new Set(['node_modules', '.git', '.cache', 'data']);

/** A copy of the checkout, compiled, that bugs can be planted in; gone when disposed. */
export class ThrowAwayTree implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async copy(root: string): Promise<ThrowAwayTree> {
    const directory = await mkdtemp(join(tmpdir(), 'raft-ts-mutant-'));
    const tree = new ThrowAwayTree(directory);
    for (const name of await readdir(root)) {
      if (LEFT_OUT.has(name)) continue;
      // With their times, so that the compiler sees what it has compiled already.
      await cp(join(root, name), join(directory, name), {
        recursive: true,
        preserveTimestamps: true,
      });
    }
    await linkPackages(join(root, 'node_modules'), join(directory, 'node_modules'));
    return tree;
  }

  /** Throws when the patch does not fit the tree any more. */
  plant(patch: string): void {
    const problem = applyPatch(this.directory, patch);
    if (problem !== undefined) throw new Error(`${patch} does not apply:\n${problem}`);
  }

  /** Throws when it can't be compiled: a bug that the compiler finds is none to test with. */
  async compile(patch: string, signal: AbortSignal): Promise<void> {
    const { exitCode, output } = await runProgram([COMPILER, '-b', 'test'], {
      directory: this.directory,
      signal,
      maxSilenceMs: MAX_SILENCE_MS,
    });
    if (exitCode !== 0) throw new Error(`${patch} does not compile:\n${output}`);
  }

  removePlanted(patch: string): void {
    const problem = applyPatch(this.directory, patch, '--reverse');
    if (problem !== undefined) throw new Error(`${patch} can't be taken back:\n${problem}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** What git says about a patch that does not apply; undefined when it did. */
export function applyPatch(
  directory: string,
  patch: string,
  ...options: readonly string[]
): string | undefined {
  const { status, error, stderr } = spawnSync('git', ['apply', ...options, patch], {
    cwd: directory,
    // Inside of another repository git would leave out, in silence, what lies above `directory`.
    env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(directory) },
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  return status === 0 ? undefined : stderr;
}

/** The copy's own packages come from the copy, all others from where they are installed. */
async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory() && basename(source).startsWith('@')) {
      await linkPackages(source, target);
    } else if (entry.isSymbolicLink()) {
      const link = await readlink(source);
      await symlink(isAbsolute(link) ? source : link, target);
    } else if (entry.isDirectory()) {
      await symlink(source, target, 'dir');
    }
  }
}
