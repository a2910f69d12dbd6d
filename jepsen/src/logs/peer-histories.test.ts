import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keyValue } from '../checkers/linearizability/models/key-value.js';
import { keyValueCalls } from '../checkers/linearizability/models/key-value-calls.js';
import { register } from '../checkers/linearizability/models/register.js';
import { registerCalls } from '../checkers/linearizability/models/register-calls.js';
import { checkLinearizability } from '../checkers/linearizability/run.js';
import { operationsOf } from '../histories/operations.js';
import { readKeyValueLog } from './key-value-log.js';
import { readRegisterLog } from './register-log.js';

/** Histories that others recorded, and what they found; beside the checkout, where there are any. */
const PEERS = new URL('../../../../shared/peer-tests/linearizability/', import.meta.url);

/** The same in small, so that the formats are always checked. */
const STALE = [
  '0 :invoke :write 1',
  '0 :ok :write 1',
  '1 :invoke :read nil',
  '1 :ok :read nil',
].join('\n');

function namesIn(folder: string): readonly string[] {
  const directory = new URL(folder, PEERS);
  return existsSync(directory) ? readdirSync(directory) : [];
}

function textOf(file: string): string {
  return readFileSync(new URL(file, PEERS), 'utf8');
}

function registerVerdict(text: string): string {
  return checkLinearizability(register, operationsOf(readRegisterLog(text), registerCalls)).verdict;
}

describe('the checker', () => {
  it('agrees with what others found in the histories of a register', () => {
    expect(registerVerdict(STALE)).toBe('illegal');
    expect(registerVerdict(STALE.replace(':ok :read nil', ':ok :read 1'))).toBe('ok');
    const lines = namesIn('register/').includes('VERDICTS') ? textOf('register/VERDICTS') : '';
    for (const [, file = '', isOk] of lines.matchAll(/^(\S+)\s+(true|false)$/gm)) {
      const verdict = registerVerdict(textOf(`register/${file}`));
      expect({ file, verdict }).toEqual({ file, verdict: isOk === 'true' ? 'ok' : 'illegal' });
    }
  });

  it('agrees with what others found in histories of several keys', () => {
    for (const file of namesIn('kv/').filter((name) => /-(ok|bad)\.txt$/.test(name))) {
      const operations = operationsOf(readKeyValueLog(textOf(`kv/${file}`)), keyValueCalls);
      const { verdict } = checkLinearizability(keyValue, operations);
      expect({ file, verdict }).toEqual({ file, verdict: file.includes('-ok') ? 'ok' : 'illegal' });
    }
  });
});
