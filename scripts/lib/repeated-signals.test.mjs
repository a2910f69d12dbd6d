import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { dropRepeatedSignals } from './repeated-signals.mjs';

test('a signal that comes twice at once is one; a later one and other events get through', () => {
  let now = 1_000;
  const target = new EventEmitter();
  dropRepeatedSignals(target, () => now);
  /** @type {unknown[][]} */
  const seen = [];
  for (const event of ['SIGINT', 'SIGTERM', 'message']) {
    target.on(event, (...args) => seen.push([event, ...args]));
  }
  target.emit('SIGINT', 'SIGINT', 2);
  now += 20;
  target.emit('SIGINT', 'SIGINT', 2);
  target.emit('SIGTERM', 'SIGTERM', 15);
  target.emit('message', 1);
  target.emit('message', 1);
  now += 1_000;
  target.emit('SIGINT', 'SIGINT', 2);
  expect(seen).toEqual([
    ['SIGINT', 'SIGINT', 2],
    ['SIGTERM', 'SIGTERM', 15],
    ['message', 1],
    ['message', 1],
    ['SIGINT', 'SIGINT', 2],
  ]);
});
