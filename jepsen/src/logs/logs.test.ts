import { describe, expect, it } from 'vitest';
import { readKeyValueLog } from './key-value-log.js';
import { readRegisterLog } from './register-log.js';

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
    expect(readRegisterLog(log.join('\r\n'))).toEqual([
      { process: 0, input: read, invokedAt: 0, outcome: 'done', output: null, returnedAt: 2 },
      {
        ...{ process: 1, input: { kind: 'write', value: 4 }, invokedAt: 1 },
        ...{ outcome: 'done', output: null, returnedAt: 3 },
      },
      {
        ...{ process: 2, input: { kind: 'compare-and-set', from: 4, to: 3 }, invokedAt: 4 },
        ...{ outcome: 'done', output: true, returnedAt: 6 },
      },
      {
        ...{ process: 3, input: { kind: 'compare-and-set', from: -1, to: null }, invokedAt: 5 },
        ...{ outcome: 'done', output: false, returnedAt: 7 },
      },
      { process: 4, input: read, invokedAt: 8, outcome: 'failed' },
      { process: 5, input: { kind: 'write', value: 9 }, invokedAt: 9, outcome: 'unknown' },
      { process: 6, input: read, invokedAt: 10, outcome: 'done', output: 3, returnedAt: 11 },
      { process: 7, input: { kind: 'write', value: 1 }, invokedAt: 12, outcome: 'unknown' },
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
    expect(readKeyValueLog(log.join('\n'))).toEqual([
      {
        ...{ process: 0, input: { kind: 'append', key: '7', value: 'x 0 "y"' }, invokedAt: 0 },
        ...{ outcome: 'done', output: null, returnedAt: 2 },
      },
      {
        ...{ process: 1, input: { kind: 'get', key: '7' }, invokedAt: 1 },
        ...{ outcome: 'done', output: '', returnedAt: 3 },
      },
      {
        process: 2,
        input: { kind: 'put', key: '8', value: 'z' },
        invokedAt: 4,
        outcome: 'unknown',
      },
      { process: 3, input: { kind: 'get', key: '8' }, invokedAt: 5, outcome: 'failed' },
    ]);
  });

  it('says which line it does not understand', () => {
    expect(() => readKeyValueLog('{:process 0}')).toThrow(
      invalid('line 1: not of this format: {:process 0}'),
    );
    expect(() =>
      readKeyValueLog('{:process 0, :type :invoke, :f :get, :key "\\q", :value nil}'),
    ).toThrow(invalid('line 1: no string: "\\q"'));
  });
});
