import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../histories/history-event.js';
import { readKeyValueLog } from './key-value-log.js';
import { readRegisterLog } from './register-log.js';

/** Process, and call with its index or how it ended. */
function told(events: readonly HistoryEvent[]): readonly unknown[] {
  return events.map((event) => {
    if (event.type === 'invoke') return [event.process, event.index, event.input];
    return [event.process, event.type, event.type === 'ok' ? event.output : event.error.code];
  });
}

function invalid(message: string): unknown {
  return expect.objectContaining({ name: 'JepsenError', code: 'LOG_INVALID', message });
}

describe('readRegisterLog', () => {
  it('reads what a logger wrote, and plain lines', () => {
    const log = [
      'INFO  jepsen.util - 0\t:invoke\t:read\tnil',
      'INFO  jepsen.util - 1\t:invoke\t:write\t4',
      'INFO  jepsen.util - 0\t:ok\t:read\tnil',
      'INFO  jepsen.util - :nemesis\t:info\t:start\t"cut off [:n1 :n2]"',
      '1 :ok :write 4',
      '',
      '2 :invoke :cas [4 3]',
      '3 :invoke :cas [-1 nil]',
      '2 :ok :cas [4 3]',
      '3 :fail :cas [-1 nil]',
      '4 :invoke :read nil',
      '4 :fail :read :timed-out',
      '5 :invoke :write 9',
      '5 :info :write :timed-out',
      '6 :invoke :read nil',
      '6 :ok :read 3',
      '7 :invoke :write 1',
    ];
    const read = { kind: 'read' };
    const { header, events } = readRegisterLog(log.join('\r\n'));
    expect(header).toMatchObject({ workload: 'register', startedAt: '1970-01-01T00:00:00.000Z' });
    expect(told(events)).toEqual([
      [0, 0, read],
      [1, 1, { kind: 'write', value: 4 }],
      [0, 'ok', null],
      [1, 'ok', null],
      [2, 4, { kind: 'compare-and-set', from: 4, to: 3 }],
      [3, 5, { kind: 'compare-and-set', from: -1, to: null }],
      [2, 'ok', true],
      [3, 'ok', false],
      [4, 8, read],
      [4, 'fail', ':timed-out'],
      [5, 10, { kind: 'write', value: 9 }],
      [5, 'info', ':timed-out'],
      [6, 12, read],
      [6, 'ok', 3],
      [7, 14, { kind: 'write', value: 1 }],
    ]);
  });

  it('says which line it does not understand', () => {
    expect(() => readRegisterLog('\n0 :invoke :read nil\n0 :ok')).toThrow(
      invalid('line 3: not of this format: 0 :ok'),
    );
    expect(() => readRegisterLog('0 :invoke :append 3')).toThrow(
      invalid('line 1: a register has no operation append 3'),
    );
    expect(() => readRegisterLog('0 :ok :read 3')).toThrow(
      invalid('line 1: process 0 has no call'),
    );
    expect(() => readRegisterLog('0 :invoke :read nil\n0 :ok :write 3')).toThrow(
      invalid('line 2: a write of process 0 ends, which called a read'),
    );
  });

  it('tells whole numbers apart that are too large for a number', () => {
    const values = ['9007199254740992', '9007199254740993'];
    const log = values.map((value, i) => `${i} :invoke :write ${value}`).join('\n');
    expect(told(readRegisterLog(log).events)).toMatchObject([
      [0, 0, { value: '9007199254740992' }],
      [1, 1, { value: '9007199254740993' }],
    ]);
  });
});

describe('readKeyValueLog', () => {
  it('reads gets, puts and appends', () => {
    const log = [
      '{:process 0, :type :invoke, :f :append, :key "7", :value "x 0 \\"y\\""}',
      '{:process 1, :type :invoke, :f :get, :key "7", :value nil}',
      '{:process 0, :type :ok, :f :append, :key "7", :value "x 0 \\"y\\""}',
      '{:process 1, :type :ok, :f :get, :key "7", :value ""}',
      '{:process 2, :type :invoke, :f :put, :key "8", :value "z"}',
      '{:process 2, :type :info, :f :put, :key "8", :value "z"}',
      '{:process 3, :type :invoke, :f :get, :key "8", :value nil}',
      '{:process 3, :type :fail, :f :get, :key "8", :value nil}',
    ];
    expect(told(readKeyValueLog(log.join('\n')).events)).toEqual([
      [0, 0, { kind: 'append', key: '7', value: 'x 0 "y"' }],
      [1, 1, { kind: 'get', key: '7' }],
      [0, 'ok', null],
      [1, 'ok', ''],
      [2, 4, { kind: 'put', key: '8', value: 'z' }],
      [2, 'info', 'unknown'],
      [3, 6, { kind: 'get', key: '8' }],
      [3, 'fail', 'failed'],
    ]);
  });

  it('says which line it does not understand', () => {
    expect(() => readKeyValueLog('{:process 0}')).toThrow(
      invalid('line 1: not of this format: {:process 0}'),
    );
    expect(() =>
      readKeyValueLog('{:process 0, :type :invoke, :f :get, :key "\\q", :value nil}'),
    ).toThrow(invalid('line 1: no string: "\\q"'));
    const get = '{:process 0, :type :invoke, :f :get, :key "7", :value nil}';
    const put = '{:process 0, :type :ok, :f :put, :key "7", :value "x"}';
    expect(() => readKeyValueLog(`${get}\n${put}`)).toThrow(
      invalid('line 2: a put of process 0 ends, which called a get'),
    );
  });
});
