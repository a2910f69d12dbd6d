import { JepsenError } from '../errors.js';
import type { History } from '../histories/history.js';
import type { CallInput } from '../histories/history-event.js';
import { readLines } from './lines.js';
import { LogHistory } from './log-history.js';

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
const LINE = new RegExp(
  String.raw`^\{:process (\d+), :type :(invoke|ok|fail|info), :f :(get|put|append), ` +
    String.raw`:key (${STRING}), :value (nil|${STRING})\}$`,
);

/**
 * Reads a history of gets, puts and appends over several keys, one Clojure map a line:
 * `{:process 0, :type :invoke, :f :append, :key "7", :value "x"}`.
 *
 * @throws JepsenError LOG_INVALID
 */
export function readKeyValueLog(text: string): History {
  const log = new LogHistory();
  readLines(text, (line) => {
    const [, process = '', type, kind = '', key = '', value = ''] = LINE.exec(line.trim()) ?? [];
    if (process === '') return false;
    const id = Number(process);
    if (type === 'invoke') {
      log.invoke(id, inputOf(kind, textOf(key), value));
      return true;
    }
    log.expect(id, kind);
    if (type === 'ok') log.ok(id, kind === 'get' ? textOf(value) : null);
    else if (type === 'fail') log.fail(id, 'failed');
    else log.info(id, 'unknown');
    return true;
  });
  return log.history('key-value');
}

function inputOf(kind: string, key: string, value: string): CallInput {
  if (kind === 'put' || kind === 'append') return { kind, key, value: textOf(value) };
  return { kind: 'get', key };
}

/** A missing key reads as empty. */
function textOf(literal: string): string {
  if (literal === 'nil') return '';
  try {
    return JSON.parse(literal);
  } catch {
    throw new JepsenError('LOG_INVALID', `no string: ${literal}`);
  }
}
