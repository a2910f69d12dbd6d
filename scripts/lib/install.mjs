import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.mjs';
import { root } from './root.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, resolved?: string, link?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages
 */

/**
 * Whether node_modules holds what package-lock.json asks for.
 *
 * @param {{ tools: boolean }} need with `tools`, also what vitest and knip need on this platform;
 *   npm leaves that out when the version of Node is too old for it
 */
export function isInstalled({ tools }) {
  const wanted = readPackages('package-lock.json');
  const found = readPackages(join('node_modules', '.package-lock.json'));
  return (
    wanted !== undefined &&
    found !== undefined &&
    satisfies(found, wanted, tools ? here : undefined)
  );
}

/**
 * @typedef {{ os: string, cpu: string, libc: string }} Target
 * @type {Target}
 */
const here = { os: process.platform, cpu: process.arch, libc: 'glibc' };

/**
 * npm writes its own record of what it installed once it is done; comparing that with the lock
 * file recognises an interrupted installation too, and one made by hand with `npm install`.
 *
 * @param {LockedPackages} found
 * @param {LockedPackages} wanted
 * @param {Target} [target] the platform whose optional packages must be there
 */
export function satisfies(found, wanted, target) {
  return Object.entries(wanted).every(([path, want]) => {
    if (path === '') return true;
    const have = found[path];
    if (have === undefined) {
      return want.optional === true && (target === undefined || !isMadeFor(want, target));
    }
    return (
      have.version === want.version &&
      have.integrity === want.integrity &&
      (!want.link || have.resolved === want.resolved)
    );
  });
}

/**
 * @param {LockedPackage} locked
 * @param {Target} target
 */
function isMadeFor({ os, cpu, libc }, target) {
  return (
    os?.includes(target.os) === true &&
    cpu?.includes(target.cpu) === true &&
    (libc === undefined || libc.includes(target.libc))
  );
}

/**
 * Installs exactly what package-lock.json says.
 *
 * @returns {Promise<boolean>} whether it succeeded; if not, its output was shown
 */
export async function install() {
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const result =
    npm?.endsWith('.js') === true
      ? await runChild(process.execPath, [npm, ...args], { output: 'capture' })
      : await runChild('npm', args, { output: 'capture' });
  if (!result.ok) process.stderr.write(result.output);
  return result.ok;
}

/**
 * @param {string} file
 * @returns {LockedPackages | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
