import { describe, expect, it } from 'vitest';
import { compare } from './comparison.js';
import { parseScript } from './script-file.js';

const READY = `> 1 handling Ready
  Ready MustSync=true:
  Lead:1 State:StateLeader
  HardState Term:1 Vote:1 Commit:3
  Entries:
  1/4 EntryConfChange v2
  1/5 EntryNormal "a"
  Messages:
  1->2 MsgApp Term:1 Log:1/3 Commit:3 Entries:[
    1/4 EntryConfChange v2
    1/5 EntryNormal "a"
  ]
  1->3 MsgAppResp Term:1 Log:1/3 Rejected (Hint: 2)
  INFO 1 says something
> 2 receiving messages
  1->2 MsgApp Term:1 Log:1/3 Commit:3 Entries:[
    1/4 EntryConfChange v2
    1/5 EntryNormal "a"
  ]
> 1 handling Ready
  Ready MustSync=false:
  HardState Term:1 Vote:1 Commit:5
  CommittedEntries:
  1/4 EntryConfChange v2
  1/5 EntryNormal "a"
  Messages:
  1->2 MsgApp Term:1 Log:1/5 Commit:5
  1->AppendThread MsgStorageAppend Term:1 Log:0/0 Commit:5 Vote:1 Responses:[
    1->1 MsgAppResp Term:1 Log:0/5
  ]
`;

/** The levels at which `output` differs from what the directive should have printed. */
function levels(line: string, expected: string, output: string): readonly string[] {
  const [directive] = parseScript(`${line}\n----\n${expected}`);
  if (directive === undefined) throw new Error('no directive');
  return compare(directive, output).map(({ level, subject }) => `${level}: ${subject}`);
}

function changed(from: string | RegExp, to: string): readonly string[] {
  const output = READY.replace(from, to);
  expect(output).not.toBe(READY);
  return levels('stabilize', READY, output);
}

describe('the comparison', () => {
  it('finds nothing where nothing is to be found', () => {
    expect(levels('stabilize', READY, READY)).toEqual([]);
  });

  it('sees a wrong final hard state', () => {
    expect(changed('Vote:1 Commit:5\n  Com', 'Vote:1 Commit:6\n  Com')).toEqual([
      'state: member 1 hard state',
    ]);
    expect(changed(/ {2}HardState.*Commit:5\n/, '')).toEqual(['state: member 1 hard state']);
  });

  it('sees entries that were not written, or others, or in another order', () => {
    const entries = '  Entries:\n  1/4 EntryConfChange v2\n  1/5 EntryNormal "a"\n';
    const other = ['member 1 appended'].map((subject) => `state: ${subject}`);
    expect(changed(entries, '')).toEqual(other);
    expect(changed(entries, entries.replace('"a"', '"b"'))).toEqual(other);
    expect(changed(entries, entries.replace('1/5', '2/5'))).toEqual(other);
    expect(changed(entries, entries.replace('v2', 'l2'))).toEqual(other);
    const turned = '  Entries:\n  1/5 EntryNormal "a"\n  1/4 EntryConfChange v2\n';
    expect(changed(entries, turned)).toEqual(other);
  });

  it('sees entries that were not committed, or by another member', () => {
    const committed = '  CommittedEntries:\n  1/4 EntryConfChange v2\n  1/5 EntryNormal "a"\n';
    expect(changed(committed, committed.replace('  1/5 EntryNormal "a"\n', ''))).toEqual([
      'state: member 1 committed',
    ]);
    expect(changed(committed, `> 2 handling Ready\n${committed}`)).toEqual([
      'state: member 1 committed',
      'state: member 2 committed',
    ]);
  });

  it('sees wrong, missing and surplus messages, and tells them from the state', () => {
    const messages = ['messages: messages'];
    expect(changed('1->2 MsgApp Term:1 Log:1/5', '1->2 MsgApp Term:1 Log:1/6')).toEqual(messages);
    expect(changed('Rejected (Hint: 2)', '')).toEqual(messages);
    expect(changed(/ {2}1->3 MsgAppResp.*\n/, '')).toEqual(messages);
    expect(changed('  INFO', '  1->3 MsgTimeoutNow Term:1 Log:0/0\n  INFO')).toEqual(messages);
    expect(changed('    1/5 EntryNormal "a"\n  ]\n  1->3', '  ]\n  1->3')).toEqual(messages);
  });

  it('passes over what is a matter of taste', () => {
    expect(changed(/MustSync=\w+/g, 'MustSync=maybe')).toEqual([]);
    expect(changed('  INFO 1 says something\n', '')).toEqual([]);
    expect(changed('(Hint: 2)', '(Hint: 1)')).toEqual([]);
    expect(changed(/EntryConfChange /g, 'EntryConfChangeV2 ')).toEqual([]);
    expect(changed('  Lead:1 State:StateLeader\n', '')).toEqual([]);
    expect(changed('HardState Term:1 Vote:1 Commit:3', 'HardState Term:1 Vote:1 Commit:4')).toEqual(
      [],
    );
  });

  it('does not care whether the work is done in one Ready or several, nor for the order of messages', () => {
    const together = `> 1 handling Ready
  Ready MustSync=true:
  HardState Term:1 Vote:1 Commit:5
  Entries:
  1/4 EntryConfChangeV2 v2
  1/5 EntryNormal "a"
  CommittedEntries:
  1/4 EntryConfChangeV2 v2
  1/5 EntryNormal "a"
  Messages:
  1->2 MsgApp Term:1 Log:1/5 Commit:5
  1->3 MsgAppResp Term:1 Log:1/3 Rejected (Hint: 2)
  1->AppendThread MsgStorageAppend Term:1 Log:0/0 Commit:5 Vote:1
  1->2 MsgApp Term:1 Log:1/3 Commit:3 Entries:[1/4 EntryConfChangeV2 v2, 1/5 EntryNormal "a"]
> 2 receiving messages
  1->2 MsgApp Term:1 Log:1/3 Commit:3 Entries:[1/4 EntryConfChangeV2 v2, 1/5 EntryNormal "a"]
`;
    expect(levels('stabilize', READY, together)).toEqual([]);
  });

  it('takes the Ready of one member without a title for that member', () => {
    const ready = READY.slice(READY.indexOf('  Ready'), READY.indexOf('> 2'));
    const wrong = ready.replace('Commit:3\n', 'Commit:9\n');
    expect(levels('process-ready 1', ready, wrong)).toEqual(['state: member 1 hard state']);
  });

  it('compares answers line by line', () => {
    const states = '1: StateLeader (Voter) Term:1 Lead:1\n2: StateFollower (Voter) Term:1 Lead:1\n';
    expect(levels('raft-state', states, states)).toEqual([]);
    expect(levels('raft-state', states, states.replace('Lead:1\n2', 'Lead:2\n2'))).toEqual([
      'state: answer',
    ]);
    expect(levels('raft-log 1', '1/3 EntryNormal ""\n', '1/4 EntryNormal ""\n')).toEqual([
      'state: answer',
    ]);
    expect(levels('status 1', '1: StateProbe match=1 next=2\n', 'ok\n')).toEqual(['state: answer']);
    expect(levels('propose 1 x', 'raft proposal dropped\n', 'ok\n')).toEqual(['state: answer']);
    expect(levels('campaign 1', 'INFO 1 is starting\n', 'ok\n')).toEqual([]);
  });
});
