import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const BIN = join(fileURLToPath(new URL('../../', import.meta.url)), 'bin/jepsen.js');
/** Histories that others recorded, and what they found; beside the checkout, where there are any. */
const PEERS = fileURLToPath(
  new URL('../../../../shared/peer-tests/linearizability/', import.meta.url),
);

const VALID = '0 :invoke :write 1\n0 :ok :write 1\n1 :invoke :read nil\n1 :ok :read 1\n';
const INVALID = VALID.replace(':ok :read 1', ':ok :read 2');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function jepsen(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [BIN, ...args], (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe('jepsen check', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jepsen-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function fileOf(name: string, text: string): string {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  }

  it('prints a verdict a line, and ends with 1 where one is a violation', async () => {
    const valid = fileOf('valid.log', VALID);
    const invalid = fileOf('invalid.log', INVALID);
    const check = ['check', '--format', 'jepsen-register'];
    expect(await jepsen(...check, valid)).toEqual({
      code: 0,
      stdout: `${valid} valid\n`,
      stderr: '',
    });
    const missing = join(directory, 'missing');
    const all = await jepsen(...check, missing, invalid, valid);
    expect(all).toMatchObject({ code: 1, stdout: `${invalid} invalid\n${valid} valid\n` });
    expect(all.stderr).toContain(`jepsen: ${missing}: it can't be read: ENOENT`);
    const empty = fileOf('empty.log', '');
    expect(await jepsen(...check, empty)).toEqual({
      code: 0,
      stdout: `${empty} valid\n`,
      stderr: `jepsen: ${empty}: it has no calls: there is nothing to find wrong\n`,
    });
  });

  it('says why where it is asked', async () => {
    const file = fileOf('invalid.log', INVALID);
    const { stdout } = await jepsen('check', '--format', 'jepsen-register', '--explain', file);
    expect(stdout).toContain(`${file} invalid\n  linearizability: invalid\n`);
    expect(stdout).toContain('read → 2');
  });

  it('judges what import made of a log, and a history that was not written to its end', async () => {
    const log = fileOf('a.log', INVALID);
    const imported = await jepsen('import', '--format', 'jepsen-register', log);
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    const whole = fileOf('whole.ndjson', imported.stdout);
    expect((await jepsen('check', whole)).stdout).toContain(`${whole} invalid\n`);
    const torn = fileOf('torn.ndjson', imported.stdout.slice(0, -20));
    expect(await jepsen('check', torn)).toMatchObject({
      code: 0,
      stdout: `${torn} valid\n`,
      stderr: expect.stringContaining(`jepsen: ${torn}: its last line was not written to the end`),
    });
  });

  it('ends with 3 where it is called wrongly, and names the help', async () => {
    for (const [args, reason] of [
      [['check'], "missing required argument 'file'. See jepsen check --help"],
      [['check', '--format', 'none', 'x'], 'See jepsen check --help'],
      [['check', '--time', '0', 'x'], 'It is a number above 0. See jepsen check --help'],
      [['test', '--time', '1e7'], 'It is 1000000 at most. See jepsen test --help'],
      [['nothing'], "unknown command 'nothing'. See jepsen --help"],
    ] as const) {
      const { code, stdout, stderr } = await jepsen(...args);
      expect({ code, stdout, lines: stderr.split('\n').length }).toEqual({
        code: 3,
        stdout: '',
        lines: 2,
      });
      expect(stderr).toContain(reason);
    }
    expect(await jepsen('check', '--help')).toMatchObject({ code: 0, stderr: '' });
    expect(await jepsen('help')).toMatchObject({ code: 0, stderr: '' });
  });

  it('says which log it can not read, and nothing that a terminal would obey', async () => {
    const file = fileOf('a.log', '\u001b[2Jno log\n');
    expect(await jepsen('import', '--format', 'jepsen-register', file)).toMatchObject({
      code: 3,
      stderr: `jepsen: ${file}: line 1: not of this format: \u{fffd}[2Jno log\n`,
    });
  });

  it('agrees with what others found in many histories', async () => {
    const register = join(PEERS, 'register');
    if (existsSync(register)) {
      const verdicts = readFileSync(join(register, 'VERDICTS'), 'utf8').matchAll(
        /^(\S+)\s+(true|false)$/gm,
      );
      const expected = Array.from(
        verdicts,
        ([, name = '', isOk]) => [join(register, name), isOk === 'true'] as const,
      );
      const { stdout } = await jepsen(
        'check',
        '--format',
        'jepsen-register',
        ...expected.map(([file]) => file),
      );
      expect(stdout).toBe(
        expected.map(([file, isOk]) => `${file} ${isOk ? 'valid' : 'invalid'}\n`).join(''),
      );
    }
    const kv = join(PEERS, 'kv');
    if (existsSync(kv)) {
      const files = readdirSync(kv).map((name) => join(kv, name));
      const { stdout } = await jepsen('check', '--format', 'jepsen-kv', ...files);
      expect(stdout).toBe(
        files.map((file) => `${file} ${file.includes('-ok') ? 'valid' : 'invalid'}\n`).join(''),
      );
    }
  });
});
