import { describe, expect, it } from 'vitest';
import { ScriptError } from './directive.js';
import { parseScript, withOutputs } from './script-file.js';

const SCRIPT = `# A comment.

add-nodes 3 voters=(1, 2,3) content=a=b index=10 flag=
----
ok

propose-conf-change 1 v1=true
r1 v2

l3
----
first
  second

# Blank lines stand between doubled separators.
raft-log 1 \\
  2
----
----
above

below
----
----

last
----
`;

describe('a script', () => {
  it('is a list of directives, each with its arguments, its input and its output', () => {
    const [first, second, third, last, ...more] = parseScript(SCRIPT);
    expect(first).toMatchObject({ name: 'add-nodes', line: 3, input: '', expected: 'ok\n' });
    expect(first?.arguments).toEqual([
      { key: '3', values: [] },
      { key: 'voters', values: ['1', '2', '3'] },
      { key: 'content', values: ['a=b'] },
      { key: 'index', values: ['10'] },
      { key: 'flag', values: [''] },
    ]);
    expect(second).toMatchObject({ line: 7, input: 'r1 v2\n\nl3', expected: 'first\n  second\n' });
    expect(third).toMatchObject({ name: 'raft-log', line: 16, expected: 'above\n\nbelow\n' });
    expect(third?.arguments.map(({ key }) => key)).toEqual(['1', '2']);
    expect(last).toMatchObject({ name: 'last', arguments: [], expected: '' });
    expect(more).toEqual([]);
  });

  it('lets the values of a list have parentheses of their own', () => {
    const [directive] = parseScript('cmd list=(a(b, c), d) word\n----\n');
    expect(directive?.arguments).toEqual([
      { key: 'list', values: ['a(b, c)', 'd'] },
      { key: 'word', values: [] },
    ]);
  });

  it.each(['cmd\nno separator\n', 'cmd list=(1,2\n----\n', 'cmd =5\n----\n'])(
    'is refused when it is broken: %j',
    (text) => {
      expect(() => parseScript(text)).toThrow(ScriptError);
    },
  );

  it('is the same when its outputs are put in again', () => {
    const outputs = parseScript(SCRIPT).map(({ expected }) => expected);
    expect(withOutputs(SCRIPT, outputs)).toBe(SCRIPT);
    expect(withOutputs(SCRIPT, [])).toBe(SCRIPT);
  });

  it('takes other outputs, with and without blank lines, and nothing else changes', () => {
    const rewritten = withOutputs(SCRIPT, ['new\n', 'a\n\nb\n', 'single\n', 'ok\n']);
    expect(parseScript(rewritten).map(({ expected }) => expected)).toEqual([
      'new\n',
      'a\n\nb\n',
      'single\n',
      'ok\n',
    ]);
    expect(rewritten.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(2);
    expect(parseScript(rewritten).map(({ input }) => input)).toEqual(
      parseScript(SCRIPT).map(({ input }) => input),
    );
  });
});
