import { jointIndex, jointVote, type MemberId, majorityIndex, majorityVote } from 'raft-ts/core';
import { Arguments } from '../arguments.js';
import { type Command, ScriptError } from '../directive.js';

/** The two halves that decide; `joint` when the script says that there are two. */
interface Halves {
  readonly voters: readonly MemberId[];
  readonly outgoing: readonly MemberId[];
  readonly joint: boolean;
}

const RESULTS = { won: 'VoteWon', lost: 'VoteLost', pending: 'VotePending' } as const;

/** Runs `committed` and `vote`: what majorities have stored, and how their votes stand. */
export class QuorumScript {
  static readonly commands = ['committed', 'vote'];

  run(command: Command): string {
    const args = new Arguments(command);
    args.allowOnly(['cfg', 'cfgj', 'idx', 'votes']);
    const halves = readHalves(args);
    return command.name === 'vote'
      ? runVote(halves, args.values('votes'))
      : runCommitted(halves, args.values('idx'));
  }
}

function readHalves(args: Arguments): Halves {
  const outgoing = args.values('cfgj');
  const joint = outgoing.length > 0;
  const none = outgoing.length === 1 && outgoing[0] === 'zero';
  return {
    voters: [...new Set(args.numbersOf('cfg'))],
    outgoing: none ? [] : [...new Set(args.numbersOf('cfgj'))],
    joint,
  };
}

/** Gives each member, in the order of its first mention, its value; `_` stands for none. */
function assign<T>(
  { voters, outgoing }: Halves,
  values: readonly string[],
  read: (value: string) => T,
): ReadonlyMap<MemberId, T> {
  const ids = [...new Set([...voters, ...outgoing])];
  if (ids.length !== values.length) {
    throw new ScriptError(`${values.length} values (_ for none) for ${ids.length} voters`);
  }
  const assigned = new Map<MemberId, T>();
  ids.forEach((id, i) => {
    const value = values[i];
    if (value !== undefined && value !== '_') assigned.set(id, read(value));
  });
  return assigned;
}

function runVote(halves: Halves, values: readonly string[]): string {
  const votes = assign(halves, values, (value) => {
    if (value !== 'y' && value !== 'n') throw new ScriptError(`a vote is y, n or _, not ${value}`);
    return value === 'y';
  });
  if (!halves.joint) {
    const result = majorityVote(halves.voters, votes);
    const notes = [
      note(jointVote(halves, votes), result, 'zero-joint quorum', (vote) => RESULTS[vote]),
    ];
    return `${notes.join('')}${RESULTS[result]}\n`;
  }
  const result = jointVote(halves, votes);
  const notes = [note(jointVote(swapped(halves), votes), result, 'symmetry', (v) => RESULTS[v])];
  return `${notes.join('')}${RESULTS[result]}\n`;
}

function runCommitted(halves: Halves, values: readonly string[]): string {
  const reached = assign(halves, values, (value) => {
    const index = Number(value);
    if (!Number.isSafeInteger(index) || index < 1) {
      throw new ScriptError(`an index is a number above 0 or _, not ${value}`);
    }
    return index;
  });
  const indexOf = (id: MemberId) => reached.get(id) ?? 0;
  const bars = describeIndexes(halves, reached);
  if (!halves.joint) {
    const index = majorityIndex(halves.voters, indexOf);
    const selfJoint = { voters: halves.voters, outgoing: halves.voters };
    const notes = [
      note(jointIndex(halves, indexOf), index, 'zero-joint quorum', showIndex),
      note(jointIndex(selfJoint, indexOf), index, 'self-joint quorum', showIndex),
    ];
    return `${bars}${notes.join('')}${showIndex(index)}\n`;
  }
  const index = jointIndex(halves, indexOf);
  const notes = [note(jointIndex(swapped(halves), indexOf), index, 'symmetry', showIndex)];
  return `${bars}${notes.join('')}${showIndex(index)}\n`;
}

function swapped({ voters, outgoing, joint }: Halves): Halves {
  return { voters: outgoing, outgoing: voters, joint };
}

/** A line that tells of another way which came to another result; nothing when it is the same. */
function note<T>(other: T, result: T, way: string, show: (result: T) => string): string {
  return other === result ? '' : `${show(other)} <-- via ${way}\n`;
}

function showIndex(index: number): string {
  return Number.isFinite(index) ? `${index}` : '∞';
}

/** A line a member: the longer its bar, the more members have reached less than it. */
function describeIndexes(
  { voters, outgoing }: Halves,
  reached: ReadonlyMap<MemberId, number>,
): string {
  const ids = [...new Set([...voters, ...outgoing])].sort((a, b) => a - b);
  if (ids.length === 0) return '<empty majority quorum>';
  const indexOf = (id: MemberId) => reached.get(id) ?? 0;
  const below = (id: MemberId) => ids.filter((other) => indexOf(other) < indexOf(id)).length;
  const lines = ids.map((id) => {
    const bar = reached.has(id) ? `${'x'.repeat(below(id))}>` : '?';
    const index = `${indexOf(id)}`.padStart(5);
    return `${bar.padEnd(ids.length + 1)} ${index}    (id=${id})\n`;
  });
  return `${' '.repeat(ids.length)}    idx\n${lines.join('')}`;
}
