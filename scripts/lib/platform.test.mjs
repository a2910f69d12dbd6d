import { expect, test } from 'vitest';
import { currentPlatform, platformProblem, toolsProblem } from './platform.mjs';

const good = {
  node: '20.18.1',
  os: 'linux',
  arch: 'x64',
  glibc: '2.34',
  cpuFlags: new Set(['sse2', 'avx2', 'bmi2']),
};

test('this machine is supported, or no other test would run', () => {
  expect(platformProblem(currentPlatform())).toBeUndefined();
});

test.each([
  good,
  { ...good, node: '20.19.0' },
  { ...good, node: '24.0.0', glibc: '2.40' },
  { ...good, glibc: '3.0' },
  { ...good, cpuFlags: undefined },
  { ...good, os: 'darwin', arch: 'arm64', glibc: undefined, cpuFlags: undefined },
])('supported: %o', (platform) => {
  expect(platformProblem(platform)).toBeUndefined();
});

test.each([
  [{ ...good, node: '20.18.0' }, 'Node 20.18.1 or later is needed; this is 20.18.0'],
  [{ ...good, node: '20.17.9' }, 'Node 20.18.1 or later'],
  [{ ...good, node: '18.20.0' }, 'Node 20.18.1 or later'],
  [{ ...good, os: 'win32' }, 'this is win32-x64'],
  [{ ...good, arch: 'arm64' }, 'this is linux-arm64'],
  [{ ...good, os: 'darwin' }, 'this is darwin-x64'],
  [{ ...good, glibc: '2.31' }, 'glibc 2.34 or later'],
  [{ ...good, glibc: undefined }, 'found none (musl?)'],
  [{ ...good, cpuFlags: new Set(['sse2', 'bmi2']) }, 'a processor with avx2 '],
])('not supported, in one line: %o', (platform, message) => {
  const problem = platformProblem(platform);
  expect(problem).toContain(message);
  expect(problem).not.toContain('\n');
});

test.each(['20.19.0', '20.20.2', '22.12.0', '23.0.0', '24.1.0'])('tools run on %s', (node) => {
  expect(toolsProblem({ node })).toBeUndefined();
});

test.each(['20.18.1', '21.7.0', '22.11.0'])('tools do not run on %s', (node) => {
  expect(toolsProblem({ node })).toContain(`need Node 20.19 or 22.12 or later; this is ${node} `);
});
