import { expect, it } from 'vitest';
import { listNemeses } from '../nemeses/nemesis-list.js';
import { loadSuite } from '../suites/known-suites.js';
import { KINDS_OF_FAULTS } from './matrix-command.js';

it('the kinds of faults of the matrix are nemeses', async () => {
  const { database } = await loadSuite('inode-app');
  const names = listNemeses(database).map(({ name }) => name);
  expect(KINDS_OF_FAULTS.filter((name) => !names.includes(name))).toEqual([]);
});
