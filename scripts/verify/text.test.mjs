import { expect, test } from 'vitest';
import { textProblems } from './text.mjs';
import { textRules } from './text-rules.mjs';

const rules = textRules({ checkout: '/srv/checkouts/raft', home: '/srv/people' });

/**
 * @param {string} file
 * @param {string} line
 */
function problemsIn(file, line) {
  return textProblems(file, `first line\n${line}\n`, rules);
}

test.each([
  ['a.test.ts', "it.only('x', () => {});", 'every test runs'],
  ['a.test.ts', "describe.concurrent.skip('x', () => {});", 'every test runs'],
  ['a.test.mjs', "test.todo('x');", 'every test runs'],
  ['a.test.ts', "it('x', { retry: 3 }, () => {});", 'tried again'],
  ['a.test.ts', 'expect(performance.now() - before).toBeLessThan(50);', 'how fast'],
  ['a.test.ts', 'expect(elapsedMs).toBeLessThan(50);', 'how fast'],
  ['a.test.ts', "describe('x', { timeout: SLOW_MS }, () => {", 'no limit of time'],
  ['a.test.ts', '  }, 120_000);', 'no limit of time'],
  ['a.test.ts', '}, SLOW_MS);', 'no limit of time'],
  ['a.ts', '<<<<<<< HEAD', 'merge'],
  ['a.ts', '// TODO: later', 'unfinished'],
  ['a.md', '<!-- FIXME -->', 'unfinished'],
  ['a.md', 'cd /srv/checkouts/raft/docs', 'path of this machine'],
  ['a.ts', "const directory = '/home/someone/raft';", 'path of one machine'],
])('%s: %s', (file, line, rule) => {
  expect(problemsIn(file, line)).toEqual([expect.stringContaining(`${file}:2: `)]);
  expect(problemsIn(file, line)[0]).toContain(rule);
});

test.each([
  ['a.ts', 'list.only(first)'],
  ['a.test.ts', "rename(tree, '/home/alice', '/home/bob');"],
  ['a.test.ts', 'expect(list.length).toBeLessThan(50);'],
  ['a.test.ts', '    }, 400);'],
  ['a.ts', '  }, 120_000);'],
  ['a.ts', 'const TODO_LIST = 1;'],
  ['a.md', 'cd /srv/checkouts/rafting'],
])('%s may hold %s', (file, line) => {
  expect(problemsIn(file, line)).toEqual([]);
});
