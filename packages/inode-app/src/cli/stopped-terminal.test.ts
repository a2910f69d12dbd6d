import { expect, it, vi } from 'vitest';
import { UnhurriedTerminal, withoutWaiting } from './stopped-terminal.js';

function terminal() {
  let room = 0;
  let taken = '';
  const state = {
    get taken() {
      return taken;
    },
    /** Undefined: it has gone. */
    takes(bytes: number | undefined) {
      room = bytes ?? Number.NaN;
    },
  };
  const write = (bytes: Uint8Array) => {
    if (Number.isNaN(room)) throw Object.assign(new Error('gone'), { code: 'EIO' });
    const count = Math.min(room, bytes.length);
    if (count === 0) throw Object.assign(new Error('stopped'), { code: 'EAGAIN' });
    room -= count;
    taken += Buffer.from(bytes.subarray(0, count)).toString();
    return count;
  };
  const stream = { isTTY: true, columns: 80, write: () => {} };
  return { state, unhurried: new UnhurriedTerminal(stream, write) };
}

it('a terminal gets what it takes, the rest once it takes it, in order', () => {
  vi.useFakeTimers();
  try {
    const { state, unhurried } = terminal();
    state.takes(4);
    unhurried.write('first\n');
    unhurried.write('second\n');
    expect(state.taken).toBe('firs');
    expect(unhurried.writableLength).toBe(9);
    state.takes(100);
    vi.advanceTimersByTime(100);
    expect(state.taken).toBe('first\nsecond\n');
    expect(unhurried.writableLength).toBe(0);
    expect([unhurried.isTTY, unhurried.columns]).toEqual([true, 80]);
    state.takes(undefined);
    unhurried.write('to nobody\n');
    expect(unhurried.writableLength).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it('a stream that is no terminal is used as it is', () => {
  const stream = { isTTY: false, writableLength: 0, fd: 1, write: () => {} };
  expect(withoutWaiting(stream)).toBe(stream);
});
