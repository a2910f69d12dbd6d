import type { MemberChange } from 'raft-ts/core';
import { ScriptError } from './directive.js';

const LETTERS: Readonly<Record<MemberChange['type'], string>> = {
  'add-voter': 'v',
  'add-learner': 'l',
  remove: 'r',
  update: 'u',
};

/** `v1 l2 r3 u4`: makes 1 a voter, 2 a learner, removes 3, updates 4. */
export function parseChanges(text: string): readonly MemberChange[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(parseChange);
}

function parseChange(word: string): MemberChange {
  const id = Number(word.slice(1));
  if (!/^.\d+$/.test(word)) throw new ScriptError(`a change is a letter and a number, not ${word}`);
  if (word.startsWith('v')) return { type: 'add-voter', id };
  if (word.startsWith('l')) return { type: 'add-learner', id };
  if (word.startsWith('r')) return { type: 'remove', id };
  if (word.startsWith('u')) return { type: 'update', id };
  throw new ScriptError(`a change starts with v, l, r or u: ${word}`);
}

export function describeChanges(changes: readonly MemberChange[]): string {
  return changes.map(({ type, id }) => `${LETTERS[type]}${id}`).join(' ');
}
