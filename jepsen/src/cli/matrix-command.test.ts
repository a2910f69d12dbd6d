import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesWith } from '../cluster/process-table.js';
import { listNemeses } from '../nemeses/nemesis-list.js';
import { loadSuite } from '../suites/known-suites.js';
import { KINDS_OF_FAULTS } from './matrix-command.js';

const BIN = join(fileURLToPath(new URL('../../', import.meta.url)), 'bin/jepsen.js');

it('the kinds of faults of the matrix are nemeses', async () => {
  const { database } = await loadSuite('inode-app');
  const names = listNemeses(database).map(({ name }) => name);
  expect(KINDS_OF_FAULTS.filter((name) => !names.includes(name))).toEqual([]);
});

describe('jepsen matrix', () => {
  let store = '';
  beforeEach(() => {
    store = mkdtempSync(join(tmpdir(), 'jepsen-matrix-'));
  });
  afterEach(() => rmSync(store, { recursive: true }));

  /** Patient enough for any machine. */
  const SMALL = ['--nodes', '3', '--concurrency', '4', '--rate', '100', '--patience', '600'];

  function start(...args: readonly string[]) {
    const env = { ...process.env, JEPSEN_MATRIX_TEST: store };
    const all = [BIN, 'matrix', '--store', store, ...SMALL, '--timeout', '30', ...args];
    const child = execFile(process.execPath, all, { env }, () => undefined);
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (text: string) => (stdout += text));
    child.stderr?.on('data', (text: string) => (stderr += text));
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, stdout, stderr })),
    );
    return { child, ended };
  }

  it('runs cells beside each other, and keeps what all came to', async () => {
    const cells = ['--suites', 'key-value', '--workloads', 'register,set', '--nemeses', 'none'];
    const { ended } = start(...cells, '--time', '1', '--jobs', '2');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^\| suite .*\n\| --- .*\n\| key-value \| register \| none \| valid .*\n\| key-value \| set \| none \| valid /,
    );
    expect(stdout).toContain('2 cells: 2 valid, 0 invalid');
    const stored = JSON.parse(readFileSync(join(store, 'matrix', 'latest', 'matrix.json'), 'utf8'));
    expect(stored.verdict).toBe('valid');
    const [first] = stored.cells;
    expect(first.seed).toBe(1);
    expect(existsSync(join(store, first.test.directory, 'report.html'))).toBe(true);
    const page = readFileSync(join(store, 'matrix', 'latest', 'matrix.html'), 'utf8');
    expect(page).toContain('set on key-value');
  });

  it('leaves nothing running where it is interrupted, and says how far it came', async () => {
    const cells = ['--suites', 'key-value', '--workloads', 'register,set', '--nemeses', 'none'];
    const { child, ended } = start(...cells, '--time', '3600', '--jobs', '2');
    const members = () => processesWith('JEPSEN_MATRIX_TEST', store).length;
    // This program, its two cells, and three members of each.
    while (members() < 9 && child.exitCode === null) await pause(50);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 3, stderr: 'jepsen: ended by SIGINT\n' });
    expect(stdout).toContain('2 cells: 0 valid');
    expect(members()).toBe(0);
  });

  it('leaves nothing running where its own process is killed', async () => {
    const cells = ['--suites', 'key-value', '--workloads', 'register', '--nemeses', 'none'];
    const { child, ended } = start(...cells, '--time', '3600');
    const members = () => processesWith('JEPSEN_MATRIX_TEST', store).length;
    while (members() < 5 && child.exitCode === null) await pause(50);
    child.kill('SIGKILL');
    await ended;
    while (members() > 0) await pause(50);
  });

  it('refuses what is typed wrongly before anything runs', async () => {
    for (const [args, reason] of [
      [['--nemeses', 'kill,earthquake'], 'there is no nemesis earthquake'],
      [['--workloads', 'nothing'], 'there is no workload nothing'],
      [['--jobs', '0'], 'It is a whole number above 0.'],
    ] as const) {
      const { code, stdout, stderr } = await start(...args).ended;
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain(reason);
    }
    expect(existsSync(join(store, 'matrix'))).toBe(false);
  });
});
