import type { RegisterValue } from '../checkers/linearizability/models/register.js';
import { JepsenError } from '../errors.js';
import type { History } from '../histories/history.js';
import type { CallInput } from '../histories/history-event.js';
import { readLines } from './lines.js';
import { LogHistory } from './log-history.js';

/** What a program's logger puts before a line, and the line: process, type, function, value. */
const LINE = /^(?:\S+\s+jepsen\.util\s+-\s+)?(\d+|:\w+)\s+:(invoke|ok|fail|info)\s+:(\S+)\s+(.*)$/;
const KINDS: Readonly<Record<string, string>> = { cas: 'compare-and-set' };
const PAIR = /^\[(\S+) (\S+)\]$/;

/**
 * Reads the history of one register as Jepsen logs it (`0 :invoke :cas [1 2]`): reads, writes and
 * compare-and-sets. A compare-and-set that failed with its values did not match; what the nemesis
 * did is passed over.
 *
 * @throws JepsenError LOG_INVALID
 */
export function readRegisterLog(text: string): History {
  const log = new LogHistory();
  readLines(text, (line) => {
    const [, who = '', type = '', kind = '', value = ''] = LINE.exec(line.trim()) ?? [];
    if (who === '') return false;
    if (who.startsWith(':')) return true;
    if (type === 'invoke') log.invoke(Number(who), inputOf(kind, value));
    else {
      log.expect(Number(who), KINDS[kind] ?? kind);
      end(log, Number(who), `${type} ${kind}`, value);
    }
    return true;
  });
  return log.history('register');
}

function inputOf(kind: string, value: string): CallInput {
  if (kind === 'read') return { kind: 'read' };
  if (kind === 'write') return { kind: 'write', value: registerValue(value) };
  const [, from, to] = PAIR.exec(value) ?? [];
  if (kind !== 'cas' || from === undefined || to === undefined) {
    throw new JepsenError('LOG_INVALID', `a register has no operation ${kind} ${value}`);
  }
  return { kind: 'compare-and-set', from: registerValue(from), to: registerValue(to) };
}

function end(log: LogHistory, process: number, how: string, value: string): void {
  if (how.startsWith('info')) log.info(process, value);
  else if (how === 'ok read') log.ok(process, registerValue(value));
  else if (how === 'ok write') log.ok(process, null);
  else if (how === 'ok cas') log.ok(process, true);
  else if (how === 'fail cas' && PAIR.test(value)) log.ok(process, false);
  else log.fail(process, value);
}

function registerValue(text: string): RegisterValue {
  if (text === 'nil') return null;
  const value = Number(text);
  // What a number can't hold is told apart as a text.
  return /^-?\d+$/.test(text) && Number.isSafeInteger(value) ? value : text;
}
