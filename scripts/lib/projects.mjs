import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { root } from './root.mjs';

const OUTPUT = /(\.d\.ts|\.js)(\.map)?$/;

/** One TypeScript project that `tsc -b` builds; paths from the checkout's directory. */
export class Project {
  /**
   * @param {string} directory
   * @param {string} [base] what all paths are relative to
   */
  constructor(directory, base = root) {
    const { compilerOptions } = readJson(join(directory, 'tsconfig.json'), base);
    this.base = base;
    this.directory = directory;
    this.sourceDirectory = join(directory, compilerOptions.rootDir);
    this.outputDirectory = join(directory, compilerOptions.outDir);
    this.buildInfo = join(directory, compilerOptions.tsBuildInfoFile);
  }

  /** @returns {string[]} the sources */
  sources() {
    return listFiles(this.sourceDirectory, this.base, isSource)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .sort();
  }

  /** @returns {string[]} how it is compiled: its own, and those of the projects within its sources */
  configurations() {
    const inner = listFiles(this.sourceDirectory, this.base, isSource);
    const isConfiguration = (/** @type {string} */ file) => basename(file) === 'tsconfig.json';
    return [join(this.directory, 'tsconfig.json'), ...inner.filter(isConfiguration).sort()];
  }

  /** @returns {string[]} compiled files whose source has gone */
  orphans() {
    return listFiles(this.outputDirectory, this.base).filter((file) => {
      if (!OUTPUT.test(file)) return false;
      const source = relative(this.outputDirectory, file).replace(OUTPUT, '.ts');
      return !existsSync(join(this.base, this.sourceDirectory, source));
    });
  }

  /** Whether every source has its compiled file. */
  isComplete() {
    const expected = this.sources().map((source) => this.outputOf(source));
    if (expected.length > 0) expected.push(this.buildInfo);
    return expected.every((file) => existsSync(join(this.base, file)));
  }

  /** @param {string} source */
  outputOf(source) {
    const inside = relative(this.sourceDirectory, source).replace(/\.ts$/, '.js');
    return join(this.outputDirectory, inside);
  }

  removeOrphans() {
    for (const file of this.orphans()) rmSync(join(this.base, file), { force: true });
    removeEmptyDirectories(join(this.base, this.outputDirectory));
  }

  /** Makes the next build write every file again. */
  forget() {
    rmSync(join(this.base, this.buildInfo), { force: true });
  }
}

/** @returns {Project[]} */
export function projects() {
  /** @type {{ path: string }[]} */
  const references = readJson('tsconfig.json').references;
  return references.map((reference) => new Project(reference.path));
}

/**
 * Files below a directory, as paths from `base`; none if it does not exist.
 *
 * @param {string} directory
 * @param {string} [base]
 * @param {(name: string, path: string) => boolean} [enter] which directories to look into
 * @returns {string[]}
 */
export function listFiles(directory, base = root, enter = () => true) {
  const absolute = join(base, directory);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return enter(entry.name, path) ? listFiles(path, base, enter) : [];
    return entry.isFile() ? [path] : [];
  });
}

/**
 * @param {string} file
 * @param {string} [base]
 */
export function readJson(file, base = root) {
  return JSON.parse(readFileSync(join(base, file), 'utf8'));
}

/** @param {string} directory its name */
function isSource(directory) {
  return directory !== 'dist' && directory !== 'node_modules';
}

/** @param {string} directory */
function removeEmptyDirectories(directory) {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyDirectories(join(directory, entry.name));
  }
  if (readdirSync(directory).length === 0) rmdirSync(directory);
}
