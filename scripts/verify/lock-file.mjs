import { join } from 'node:path';
import { readJson } from '../lib/projects.mjs';

const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies', 'bin'];

/** Checks that the lock file fits the manifests and ties nobody to one registry. */
export function checkLockFile() {
  const manifests = ['', .../** @type {string[]} */ (readJson('package.json').workspaces)].map(
    (directory) => ({ directory, manifest: readJson(join(directory, 'package.json')) }),
  );
  return lockFileProblems(readJson('package-lock.json').packages, manifests);
}

/**
 * @param {Record<string, Record<string, unknown>>} locked
 * @param {readonly { directory: string, manifest: Record<string, unknown> }[]} manifests
 * @returns {string[]}
 */
export function lockFileProblems(locked, manifests) {
  const problems = Object.entries(locked)
    .filter(([, { resolved }]) => typeof resolved === 'string' && /^\w+:/.test(resolved))
    .map(([path, { resolved }]) => `${path} is tied to ${resolved}`);
  for (const [path, { optionalDependencies }] of Object.entries(locked)) {
    for (const name of Object.keys(optionalDependencies ?? {})) {
      if (!(`${path}/node_modules/${name}` in locked) && !(`node_modules/${name}` in locked)) {
        problems.push(`${path} wants ${name} on some platform: npm ci fails without an entry`);
      }
    }
  }
  for (const { directory, manifest } of manifests) {
    for (const field of DEPENDENCIES) {
      if (normal(locked[directory]?.[field]) !== normal(manifest[field])) {
        problems.push(`${join(directory, 'package.json')}: the lock file has other ${field}`);
      }
    }
  }
  return problems;
}

/** @param {unknown} map */
function normal(map) {
  return JSON.stringify(Object.entries(map ?? {}).sort());
}
