import { expect, test } from 'vitest';
import { satisfies } from './install.mjs';

const wanted = {
  '': {},
  'packages/raft': { version: '0.1.0' },
  'node_modules/raft-ts': { resolved: 'packages/raft', link: true },
  'node_modules/msgpackr': { version: '2.1.3', integrity: 'sha512-a' },
  'node_modules/other-platform': { optional: true, os: ['linux'], cpu: ['arm64'] },
};
const { 'node_modules/other-platform': _, '': __, ...found } = wanted;

test('what the lock file asks for is enough, without what is for other platforms', () => {
  expect(satisfies(found, wanted)).toBe(true);
  expect(satisfies({ ...found, 'node_modules/more': { version: '1.0.0' } }, wanted)).toBe(true);
});

test('another version, other contents, a missing package or workspace are not', () => {
  const msgpackr = 'node_modules/msgpackr';
  expect(satisfies({ ...found, [msgpackr]: { version: '2.1.2' } }, wanted)).toBe(false);
  const altered = { version: '2.1.3', integrity: 'sha512-b' };
  expect(satisfies({ ...found, [msgpackr]: altered }, wanted)).toBe(false);
  const { [msgpackr]: ___, ...without } = found;
  expect(satisfies(without, wanted)).toBe(false);
  const moved = { resolved: 'packages/elsewhere', link: true };
  expect(satisfies({ ...found, 'node_modules/raft-ts': moved }, wanted)).toBe(false);
});

test('what is optional is needed on the platform that it is made for, where tools are', () => {
  const arm = { os: 'linux', cpu: 'arm64', libc: 'glibc' };
  expect(satisfies(found, wanted, arm)).toBe(false);
  expect(satisfies(found, wanted, { ...arm, cpu: 'x64' })).toBe(true);
  const musl = {
    'node_modules/musl': { optional: true, os: ['linux'], cpu: ['arm64'], libc: ['musl'] },
  };
  expect(satisfies({}, musl, arm)).toBe(true);
});
