import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../histories/history-event.js';
import { readEdnHistory } from './edn-history.js';
import { EXPORTS } from './exports.js';
import { readKeyValueLog } from './key-value-log.js';
import { LogHistory } from './log-history.js';
import { readRegisterLog } from './register-log.js';

/** Kind, process, and what was called or answered. */
function told(events: readonly HistoryEvent[]): readonly unknown[] {
  return events.map((event) => {
    if (event.type === 'invoke') return [event.process, event.input];
    return [event.process, event.type, ...(event.type === 'ok' ? [event.output] : [])];
  });
}

function registers() {
  const log = new LogHistory();
  log.setTime(1.5);
  log.invoke('a', { kind: 'write', key: 'x', value: 4 });
  log.invoke('b', { kind: 'read', key: 'x' });
  log.ok('a', null);
  log.setTime(2.25);
  log.ok('b', 4);
  log.invoke('b', { kind: 'compare-and-set', key: 'x', from: 3, to: 5 });
  log.ok('b', false);
  log.invoke('b', { kind: 'compare-and-set', key: 'x', from: 4, to: 'five' });
  log.info('b', 'TIMEOUT');
  log.invoke('c', { kind: 'read', key: 'x' });
  log.fail('c', 'UNAVAILABLE');
  log.invoke('c', { kind: 'read', key: 'x' });
  log.ok('c', null);
  log.invoke('nemesis', { kind: 'kill' });
  log.ok('nemesis', null);
  return log;
}

const REGISTER_CALLS = [
  [0, { kind: 'write', value: 4 }],
  [1, { kind: 'read' }],
  [0, 'ok', null],
  [1, 'ok', 4],
  [1, { kind: 'compare-and-set', from: 3, to: 5 }],
  [1, 'ok', false],
  [1, { kind: 'compare-and-set', from: 4, to: 'five' }],
  [1, 'info'],
  [0, { kind: 'read' }],
  [0, 'fail'],
  [0, { kind: 'read' }],
  [0, 'ok', null],
];

function lines(format: string, log: LogHistory, workload: string, key?: string): readonly string[] {
  return EXPORTS[format]?.(log.history(workload), key) ?? [];
}

describe('an exported history', () => {
  it('is read by Knossos, and back', () => {
    const exported = lines('knossos', registers(), 'register');
    expect(exported.slice(0, 2)).toEqual([
      '{:process 0, :type :invoke, :f :write, :value 4, :time 1500000}',
      '{:process 1, :type :invoke, :f :read, :value nil, :time 1500000}',
    ]);
    expect(exported[5]).toBe('{:process 1, :type :fail, :f :cas, :value [3 5], :time 2250000}');
    const { header, events } = readEdnHistory(`[${exported.join('\n')}]`);
    expect(header.workload).toBe('register');
    expect(told(events)).toEqual(REGISTER_CALLS);
    expect(events.slice(2, 4)).toMatchObject([{ atMs: 1.5 }, { atMs: 2.25 }]);
  });

  it('is read by Porcupine, and back', () => {
    const exported = lines('porcupine', registers(), 'register');
    expect(exported[0]).toBe('INFO  jepsen.util - 0\t:invoke\t:write\t4');
    const values = told(readRegisterLog(exported.join('\n').replaceAll('"five"', 'five')).events);
    expect(values).toEqual(REGISTER_CALLS);
  });

  it('has keys where Porcupine has', () => {
    const log = new LogHistory();
    log.invoke('a', { kind: 'append', key: 'k "1"', value: 'x y' });
    log.ok('a', null);
    log.invoke('a', { kind: 'get', key: 'k "1"' });
    log.ok('a', null);
    log.invoke('a', { kind: 'put', key: 'k2', value: 'z' });
    log.info('a', 'TIMEOUT');
    const exported = lines('porcupine', log, 'key-value');
    expect(told(readKeyValueLog(exported.join('\n')).events)).toEqual([
      [0, { kind: 'append', key: 'k "1"', value: 'x y' }],
      [0, 'ok', null],
      [0, { kind: 'get', key: 'k "1"' }],
      [0, 'ok', ''],
      [0, { kind: 'put', key: 'k2', value: 'z' }],
      [0, 'info'],
    ]);
    expect(lines('porcupine', log, 'key-value', 'k2')).toHaveLength(2);
  });

  it('is of one register: that has to be chosen where there are several', () => {
    const log = registers();
    log.invoke('d', { kind: 'read', key: 'y' });
    const refused = (message: string) =>
      expect.objectContaining({
        code: 'OPTIONS_INVALID',
        message: expect.stringContaining(message),
      });
    expect(() => lines('knossos', log, 'register')).toThrow(
      refused('choose one with --key, of x, y'),
    );
    expect(() => lines('knossos', log, 'register', 'z')).toThrow(refused('choose one with --key'));
    expect(lines('knossos', log, 'register', 'y')).toHaveLength(1);
    expect(() => lines('knossos', new LogHistory(), 'set')).toThrow(
      refused('no calls of a register'),
    );
  });
});

describe('readEdnHistory', () => {
  it('reads keys with the values, as independent tests of Jepsen have them', () => {
    const { events } = readEdnHistory(
      '{:process 0, :type :invoke, :f :read, :value [7 nil]} {:process :nemesis, :type :info, :f :start}' +
        '{:process 1, :type :invoke, :f :cas, :value [7 [1 2]]} {:process 0, :type :ok, :f :read, :value [7 1]}' +
        '{:process 1, :type :fail, :f :cas, :value [7 [1 2]], :error :timeout}',
    );
    expect(told(events)).toEqual([
      [0, { kind: 'read', key: '7' }],
      [1, { kind: 'compare-and-set', key: '7', from: 1, to: 2 }],
      [0, 'ok', 1],
      [1, 'fail'],
    ]);
  });

  it('says which line it does not understand', () => {
    const invalid = (message: string) => expect.objectContaining({ code: 'LOG_INVALID', message });
    expect(() =>
      readEdnHistory('[{:process 0, :type :invoke, :f :read}\n{:process 0, :type :ok, :f :txn}]'),
    ).toThrow(
      invalid('line 2: there is no function txn: known are read, write, cas, get, put, append'),
    );
    expect(() => readEdnHistory('{:process 0, :type :invoke, :f :cas, :value 3}')).toThrow(
      invalid('line 1: a :cas has [from to], not 3'),
    );
    expect(() => readEdnHistory('{:process 0, :type :ok, :f :read}')).toThrow(
      invalid('line 1: process 0 has no call'),
    );
    expect(() => readEdnHistory('{:process 0, :type :late, :f :read}')).toThrow(
      invalid('line 1: a :type is :invoke, :ok, :fail or :info'),
    );
    expect(() => readEdnHistory('3')).toThrow(invalid('no operation: 3'));
  });
});
