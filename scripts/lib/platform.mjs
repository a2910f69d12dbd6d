import { readFileSync } from 'node:fs';

const NODE_MINIMUM = /** @type {const} */ ([20, 18, 1]);
const GLIBC_MINIMUM = /** @type {const} */ ([2, 34]);
/** What vitest and knip need besides: any version from the first within its line, or the second. */
const TOOLS_MINIMUM = /** @type {const} */ ([
  [20, 19],
  [22, 12],
]);
/** What the prebuilt RocksDB for linux-x64 uses without asking whether the processor has it. */
const CPU_FLAGS = ['avx2', 'bmi2'];

/**
 * @typedef {object} Platform
 * @property {string} node version, such as 20.18.1
 * @property {string} os as in process.platform
 * @property {string} arch as in process.arch
 * @property {string | undefined} glibc version, such as 2.36
 * @property {ReadonlySet<string> | undefined} cpuFlags undefined when they cannot be read
 */

/**
 * Says why the project cannot run here, in one line; undefined when it can.
 *
 * @param {Platform} platform
 * @returns {string | undefined}
 */
export function platformProblem(platform) {
  const { node, os, arch, glibc, cpuFlags } = platform;
  if (!atLeast(node, NODE_MINIMUM)) {
    return `Node ${NODE_MINIMUM.join('.')} or later is needed; this is ${node}. See https://nodejs.org`;
  }
  if (os === 'darwin' && arch === 'arm64') return undefined;
  if (os !== 'linux' || arch !== 'x64') {
    return `The RocksDB binding is built for linux-x64 and darwin-arm64; this is ${os}-${arch}.`;
  }
  if (glibc === undefined || !atLeast(glibc, GLIBC_MINIMUM)) {
    const found = glibc === undefined ? 'none (musl?)' : glibc;
    return `The RocksDB binding needs glibc ${GLIBC_MINIMUM.join('.')} or later (Debian 12, Ubuntu 22.04, RHEL 9); found ${found}.`;
  }
  const missing = CPU_FLAGS.filter((flag) => cpuFlags !== undefined && !cpuFlags.has(flag));
  if (missing.length > 0) {
    return `The RocksDB binding needs a processor with ${missing.join(' and ')} (x86-64-v3); this one, or the virtual machine's, has not.`;
  }
  return undefined;
}

/**
 * Says why the tests cannot run here although the project can, in one line.
 *
 * @param {Pick<Platform, 'node'>} platform
 * @returns {string | undefined}
 */
export function toolsProblem({ node }) {
  const [line, later] = TOOLS_MINIMUM;
  if (atLeast(node, later) || (atLeast(node, line) && !atLeast(node, [line[0] + 1, 0]))) {
    return undefined;
  }
  return `The test tools need Node ${line.join('.')} or ${later.join('.')} or later; this is ${node} (enough for \`npm start\`).`;
}

/** @returns {Platform} */
export function currentPlatform() {
  const linux = process.platform === 'linux';
  return {
    node: process.versions.node,
    os: process.platform,
    arch: process.arch,
    glibc: linux ? glibcVersion() : undefined,
    cpuFlags: linux ? cpuFlags() : undefined,
  };
}

/** @returns {string | undefined} */
function glibcVersion() {
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (
    process.report.getReport()
  );
  return report.header.glibcVersionRuntime;
}

/** @returns {ReadonlySet<string> | undefined} */
function cpuFlags() {
  try {
    const line = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    return line?.[1] === undefined ? undefined : new Set(line[1].trim().split(/\s+/));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} version
 * @param {readonly [number, number, number?]} minimum
 */
function atLeast(version, [minimumMajor, minimumMinor, minimumPatch = 0]) {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major !== minimumMajor) return major > minimumMajor;
  return minor === minimumMinor ? patch >= minimumPatch : minor > minimumMinor;
}
