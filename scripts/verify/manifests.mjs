import { readFileSync } from 'node:fs';
import { join, normalize, relative } from 'node:path';
import { readJson } from '../lib/projects.mjs';
import { root } from '../lib/root.mjs';
import { linksIn } from './links.mjs';

/**
 * @typedef {{ private?: boolean, description?: string, keywords?: string[], license?: string, engines?: object, files?: string[], scripts?: Record<string, string> }} Manifest
 */

/** Checks that a package that is published says what it is, under which license, for which Node. */
export function checkManifests() {
  const workspace = readJson('package.json');
  return /** @type {string[]} */ (workspace.workspaces).flatMap((directory) => {
    /** @type {Manifest} */
    const manifest = readJson(join(directory, 'package.json'));
    if (manifest.private === true) return [];
    const readme = readFileSync(join(root, directory, 'README.md'), 'utf8');
    return [
      ...manifestProblems(manifest, workspace, join(relative(directory, '.'), 'LICENSE')),
      ...outsideLinks(readme),
    ].map((problem) => `${directory}: ${problem}`);
  });
}

/**
 * @param {Manifest} manifest
 * @param {Manifest} workspace
 * @param {string} license the path to it from the package
 * @returns {string[]}
 */
export function manifestProblems(manifest, workspace, license) {
  const { description, keywords, files, scripts } = manifest;
  const prepack = `cp ${license} .`;
  /** @type {[boolean, string][]} */
  const rules = [
    [!!description, 'package.json has no description'],
    [(keywords ?? []).length > 0, 'package.json has no keywords'],
    [manifest.license === workspace.license, `its license is not ${workspace.license}`],
    [isEqual(manifest.engines, workspace.engines), 'its engines are not those of the workspace'],
    [files?.includes('src') === true, 'its source maps name src, which is not among its files'],
    [scripts?.prepack === prepack, `scripts.prepack is not "${prepack}": no license is packed`],
  ];
  return rules.flatMap(([isKept, problem]) => (isKept ? [] : [problem]));
}

/**
 * @param {string} readme
 * @returns {string[]} links that lead nowhere once the package is packed
 */
export function outsideLinks(readme) {
  return linksIn(readme)
    .filter((target) => normalize(target).startsWith('..'))
    .map(
      (target) => `README.md links to ${target}, outside of the package: name it in code quotes`,
    );
}

/**
 * @param {unknown} a
 * @param {unknown} b
 */
function isEqual(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
