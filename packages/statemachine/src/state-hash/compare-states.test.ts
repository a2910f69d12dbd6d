import { expect, it } from 'vitest';
import { compareStates, type StateHashes } from './compare-states.js';

/** What a member says, as hashes by index. */
function says(id: number, hashes: Readonly<Record<number, number>>): StateHashes {
  const checkpoints = Object.entries(hashes).map(([index, hash]) => ({
    index: Number(index),
    hash,
  }));
  return { id, known: true, checkpoints };
}

function voters(...ids: readonly number[]) {
  return { voters: ids, outgoing: [], recovering: [] };
}

it('members that had the same where they can be compared are equal', () => {
  const told = [says(1, { 10: 1, 20: 2 }), says(2, { 10: 1 }), says(3, { 20: 2 })];
  expect(compareStates(voters(1, 2, 3), told)).toEqual({ kind: 'equal' });
});

it('what a majority of the voters had is right, whoever leads', () => {
  const told = [says(1, { 10: 1, 20: 9 }), says(2, { 10: 1, 20: 2, 30: 3 }), says(3, { 20: 2 })];
  expect(compareStates(voters(1, 2, 3), told)).toMatchObject({
    kind: 'decided',
    index: 20,
    agreed: [
      { index: 10, hash: 1 },
      { index: 20, hash: 2 },
    ],
    different: [1],
  });
});

it('who lags is compared where it is', () => {
  const told = [says(1, { 10: 1, 20: 2 }), says(2, { 10: 1, 20: 2 }), says(3, { 10: 7 })];
  expect(compareStates(voters(1, 2, 3), told)).toMatchObject({
    kind: 'decided',
    index: 10,
    different: [3],
  });
});

it('learners are judged, and do not decide', () => {
  const told = [says(1, { 10: 1 }), says(2, { 10: 1 }), says(4, { 10: 2 }), says(5, { 10: 2 })];
  expect(compareStates(voters(1, 2, 3), told)).toMatchObject({
    kind: 'decided',
    different: [4, 5],
  });
  const few = [says(1, { 10: 1 }), says(4, { 10: 2 }), says(5, { 10: 2 })];
  expect(compareStates(voters(1, 2, 3), few)).toMatchObject({ kind: 'undecided' });
});

it('a voter that recovers is judged, and does not decide: it could not elect a leader either', () => {
  const told = [says(1, { 10: 1 }), says(2, { 10: 1 }), says(3, { 10: 2 })];
  const recovers = (id: number) => ({ ...voters(1, 2, 3), recovering: [id] });
  expect(compareStates(recovers(2), told)).toMatchObject({ kind: 'undecided' });
  expect(compareStates(recovers(3), told)).toMatchObject({ kind: 'decided', different: [3] });
});

it.each([
  ['one against one', [1, 2], [says(1, { 10: 1 }), says(2, { 10: 2 })], [[1], [2]]],
  ['one against one of three', [1, 2, 3], [says(1, { 10: 1 }), says(3, { 10: 2 })], [[1], [3]]],
  [
    'two against two of five',
    [1, 2, 3, 4, 5],
    [
      says(1, { 10: 1 }),
      says(2, { 10: 2 }),
      says(3, { 10: 3 }),
      says(4, { 10: 2 }),
      says(5, { 10: 1 }),
    ],
    [[1, 5], [2, 4], [3]],
  ],
])('%s decides nothing', (_name, ids, told, groups) => {
  expect(compareStates(voters(...ids), told)).toEqual({ kind: 'undecided', index: 10, groups });
});

it('what was decided at an earlier index stands where a later one decides nothing', () => {
  const told = [says(1, { 10: 1, 20: 2 }), says(2, { 10: 1 }), says(3, { 10: 8, 20: 9 })];
  expect(compareStates(voters(1, 2, 3), told)).toMatchObject({
    kind: 'decided',
    index: 10,
    different: [3],
  });
});

it('a joint configuration decides with both of its halves', () => {
  const told = [says(1, { 10: 1 }), says(2, { 10: 1 }), says(3, { 10: 2 }), says(4, { 10: 2 })];
  const joint = { ...voters(1, 2), outgoing: [2, 3, 4] };
  expect(compareStates(joint, told)).toMatchObject({ kind: 'undecided' });
  const more = [...told, says(5, { 10: 1 })];
  const other = { ...voters(1, 2, 3), outgoing: [2, 4, 5] };
  expect(compareStates(other, more)).toMatchObject({ kind: 'decided', different: [3, 4] });
});
