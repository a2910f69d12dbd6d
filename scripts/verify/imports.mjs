import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize, sep } from 'node:path';
import { projects, readJson } from '../lib/projects.mjs';
import { root } from '../lib/root.mjs';
import { importCycles } from './import-cycles.mjs';
import { IMPORT_RULES, IMPURE, PURE_ENTRIES } from './import-rules.mjs';
import { codeOf, importsIn } from './import-scan.mjs';

/**
 * @typedef {import('./import-rules.mjs').PackageRule} PackageRule
 *
 * @typedef {object} Package
 * @property {string} directory
 * @property {string} sources the directory of its sources
 * @property {string} name
 * @property {ReadonlySet<string>} entries what others may import, such as raft-ts/testing
 * @property {PackageRule} rule
 */

/** Checks all sources against the table of import rules. */
export function checkImports() {
  const sources = new Map(
    projects()
      .flatMap((project) => project.sources())
      .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
  );
  return importProblems(sources, workspacePackages());
}

/** @returns {Package[]} */
export function workspacePackages() {
  return projects().map(({ directory, sourceDirectory }) => {
    const rule = IMPORT_RULES[directory];
    if (rule === undefined) throw new Error(`${directory} is missing in import-rules.mjs`);
    const isPackage = readJson('package.json').workspaces.includes(directory);
    const manifest = isPackage
      ? readJson(join(directory, 'package.json'))
      : { name: directory, exports: {} };
    const entries = new Set(
      Object.keys(manifest.exports).map((subpath) => join(manifest.name, subpath)),
    );
    return { directory, sources: normalize(sourceDirectory), name: manifest.name, entries, rule };
  });
}

/**
 * @param {ReadonlyMap<string, string>} sources text by path from the checkout's directory
 * @param {readonly Package[]} packages
 * @returns {string[]}
 */
export function importProblems(sources, packages) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Map<string, string[]>} */
  const graph = new Map();
  for (const [file, text] of sources) {
    const home = packages.find((candidate) => file.startsWith(candidate.sources + sep));
    if (home === undefined) throw new Error(`${file} belongs to no package`);
    const imports = importsIn(text);
    graph.set(
      file,
      imports.filter(isRelative).map((specifier) => sourceOf(file, specifier)),
    );
    for (const specifier of imports) {
      const problem = isRelative(specifier)
        ? relativeProblem(home, file, sourceOf(file, specifier))
        : packageProblem(home, file, specifier, packages);
      if (problem !== undefined) problems.push(`${file} imports ${specifier}: ${problem}`);
    }
    if (layerOf(home, file)?.pure === true && !isTest(file)) {
      const found = IMPURE.exec(codeOf(text));
      if (found !== null) problems.push(`${file} uses ${found[0].trim()}: this layer is pure`);
    }
  }
  for (const cycle of importCycles(graph)) problems.push(`a circle: ${cycle.join(' → ')}`);
  return problems;
}

/**
 * @param {Package} home
 * @param {string} file
 * @param {string} target
 * @returns {string | undefined} the rule that it breaks
 */
function relativeProblem(home, file, target) {
  if (!target.startsWith(home.sources + sep)) return 'another package is imported by its name';
  if (isTest(file)) return undefined;
  if (isTest(target)) return 'only tests import tests';
  const from = layerNameOf(home, file);
  const to = layerNameOf(home, target);
  if (from === undefined || to === undefined) {
    const stray = from === undefined ? file : target;
    return `${stray} belongs to no layer; add one to scripts/verify/import-rules.mjs`;
  }
  const allowed = home.rule.layers[from]?.imports ?? [];
  if (from === to || allowed.includes('*')) return undefined;
  const inside = insideOf(home, target);
  // A folder that is named opens no layer within it.
  const opens = (/** @type {string} */ layer) =>
    isWithin(inside, layer) && (to === layer || !isWithin(to, layer));
  if (allowed.some(opens)) return undefined;
  const list = allowed.length === 0 ? 'nothing outside itself' : `only ${allowed.join(', ')}`;
  return `${from} may import ${list}`;
}

/**
 * @param {Package} home
 * @param {string} file
 * @param {string} specifier
 * @param {readonly Package[]} packages
 * @returns {string | undefined} the rule that it breaks
 */
function packageProblem(home, file, specifier, packages) {
  const target = packages.find(({ name }) => isWithin(specifier, name));
  const pure = layerOf(home, file)?.pure === true && !isTest(file);
  if (pure && !PURE_ENTRIES.includes(specifier)) {
    return specifier === 'node:buffer' ? undefined : 'this layer is pure and imports no package';
  }
  if (target === undefined) {
    const builtin = !specifier.startsWith('node:') && builtinModules.includes(specifier);
    return builtin ? `write node:${specifier}` : undefined;
  }
  const allowedPackages = [
    ...(layerOf(home, file)?.packages ?? home.rule.packages),
    ...(isTest(file) ? (home.rule.testPackages ?? []) : []),
  ];
  if (target !== home && !allowedPackages.includes(target.name)) {
    const allowed = allowedPackages.join(', ') || 'no other package';
    return `${home.name} may import ${allowed}`;
  }
  if (target === home && !isTest(file)) return 'inside a package, imports are relative';
  if (!target.entries.has(specifier)) {
    return `${target.name} exports only ${[...target.entries].join(', ')}`;
  }
  return undefined;
}

/**
 * @param {Package} home
 * @param {string} file
 */
function layerOf(home, file) {
  const name = layerNameOf(home, file);
  return name === undefined ? undefined : home.rule.layers[name];
}

/**
 * @param {Package} home
 * @param {string} file
 * @returns {string | undefined} the longest layer that fits
 */
function layerNameOf(home, file) {
  const inside = insideOf(home, file);
  return Object.keys(home.rule.layers)
    .filter((layer) => isWithin(inside, layer))
    .sort((a, b) => b.length - a.length)[0];
}

/**
 * @param {Package} home
 * @param {string} file
 * @returns {string} its path below the package's sources, without .ts
 */
function insideOf(home, file) {
  return file.slice(home.sources.length + 1).replace(/\.ts$/, '');
}

/**
 * @param {string} path
 * @param {string} prefix a folder or the path itself; '' for all
 */
function isWithin(path, prefix) {
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
}

/**
 * @param {string} file
 * @param {string} specifier
 */
function sourceOf(file, specifier) {
  return join(dirname(file), specifier).replace(/\.js$/, '.ts');
}

/** @param {string} specifier */
function isRelative(specifier) {
  return specifier.startsWith('.');
}

/** @param {string} file */
function isTest(file) {
  return /\.test(\.[a-z]+)?\.ts$/.test(file);
}
