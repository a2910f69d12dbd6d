import {
  checkLinearizability,
  HistoryRecorder,
  type KeyValueInput,
  type KeyValueOutput,
  keyValue,
} from './index.js';

/** Two clients of a store that answers one of them from a copy that lags behind. */
export function example(): readonly string[] {
  const history = new HistoryRecorder<KeyValueInput, KeyValueOutput>();
  const first = history.invoked('alice', { kind: 'put', key: 'color', value: 'red' });
  history.done(first, null);
  const second = history.invoked('alice', { kind: 'put', key: 'color', value: 'blue' });
  const lost = history.invoked('carol', { kind: 'put', key: 'color', value: 'green' });
  history.done(second, null);
  history.unknown(lost); // timed out: it may still happen, or have happened
  const stale = history.invoked('bob', { kind: 'get', key: 'color' });
  history.done(stale, 'red');

  const result = checkLinearizability(keyValue, history.operations());
  return result.verdict === 'illegal' ? result.explanation.lines : [result.verdict];
}
