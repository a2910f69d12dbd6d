import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('run.js', import.meta.url));
const RIGHT = `add-nodes 1 voters=(1) index=3
----
ok

raft-state
----
1: StateFollower (Voter) Term:0 Lead:0
`;
const WRONG = RIGHT.replace('Term:0', 'Term:7');

const directory = mkdtempSync(join(tmpdir(), 'scripts-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A folder with these scripts; a name may have a folder in it. */
function folder(name: string, scripts: Readonly<Record<string, string>>): string {
  for (const [file, text] of Object.entries(scripts)) {
    const path = join(directory, name, file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
  return join(directory, name);
}

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr, last: stdout.trimEnd().split('\n').at(-1) };
}

describe('npm run scripts', () => {
  it('runs a folder and those below it, and ends with the counts', () => {
    const path = folder('right', {
      'a.txt': RIGHT,
      'deep/er/b.txt': RIGHT,
      'notes.md': 'no script',
    });
    expect(run(path)).toMatchObject({ status: 0, last: 'scripts: 2/2 state, 2/2 messages' });
  });

  it('fails, and shows where, when a state is another', () => {
    const path = folder('wrong', { 'a.txt': RIGHT, 'b.txt': WRONG });
    const { status, stdout, last } = run(path);
    expect([status, last]).toEqual([1, 'scripts: 1/2 state, 1/2 messages']);
    expect(stdout).toContain('line 5, raft-state: answer (state)');
    expect(stdout).toContain('expected  1: StateFollower (Voter) Term:7 Lead:0');
    expect(stdout).toContain('got       1: StateFollower (Voter) Term:0 Lead:0');
  });

  it('fails for a script that asks for what there is not', () => {
    const path = folder('broken', {
      'command.txt': 'fly 1\n----\nok\n',
      'member.txt': `${RIGHT}\ncampaign 9\n----\nok\n`,
      'option.txt': 'add-nodes 1 voters=(1) index=3 colour=red\n----\nok\n',
      'empty.txt': '# Nothing.\n',
    });
    expect(run(path)).toMatchObject({ status: 1, last: 'scripts: 0/4 state, 0/4 messages' });
  });

  it('does not fail for messages alone, unless every character counts', () => {
    const text = `${RIGHT}\ncampaign 1\nprocess-ready 1\n----\nReady MustSync=true:\nHardState Term:1 Vote:1 Commit:3\nMessages:\n1->2 MsgVote Term:1 Log:1/3\n`;
    const path = folder('messages', { 'a.txt': text });
    expect(run(path)).toMatchObject({ status: 0, last: 'scripts: 1/1 state, 0/1 messages' });
    expect(run(path, '--exact')).toMatchObject({
      status: 1,
      last: 'scripts: 0/1 state, 0/1 messages',
    });
  });

  it('shows what rewriting would change, and writes it only when told to', () => {
    const path = folder('rewrite', { 'a.txt': WRONG });
    const file = join(path, 'a.txt');
    const shown = run(path, '--rewrite');
    expect(shown.stdout).toContain('- 1: StateFollower (Voter) Term:7 Lead:0');
    expect(shown.stdout).toContain('+ 1: StateFollower (Voter) Term:0 Lead:0');
    expect(readFileSync(file, 'utf8')).toBe(WRONG);
    expect(run(path, '--rewrite', '--yes').stdout).toContain('is written');
    expect(readFileSync(file, 'utf8')).toBe(RIGHT);
    expect(run(path, '--exact').status).toBe(0);
  });

  it('does not rewrite a script that stops halfway', () => {
    const text = `${WRONG}\nfly 1\n----\nok\n`;
    const path = folder('halfway', { 'a.txt': text });
    expect(run(path, '--rewrite', '--yes').stdout).toContain('is not written');
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe(text);
  });

  it('prints scripts with our output, or objects for programs', () => {
    const path = folder('print', { 'a.txt': WRONG });
    expect(run(path, '--verbose').stdout).toContain(RIGHT);
    const [one, total] = run(path, '--json').stdout.trimEnd().split('\n');
    expect(JSON.parse(one ?? '')).toMatchObject({ state: false, differences: [{ line: 5 }] });
    expect(JSON.parse(total ?? '')).toEqual({ scripts: 1, state: 0, messages: 0 });
  });

  it('tells wrong usage from failures', () => {
    const empty = join(directory, 'nothing');
    mkdirSync(empty);
    for (const args of [
      [],
      ['--unknown'],
      [join(directory, 'no-such')],
      [empty],
      ['--yes', empty],
    ]) {
      expect(run(...args)).toMatchObject({ status: 2, stdout: '' });
    }
    expect(run('--help')).toMatchObject({ status: 0, stderr: '' });
  });
});
