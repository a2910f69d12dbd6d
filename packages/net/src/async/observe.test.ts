import { expect, it } from 'vitest';
import { nextUncaught } from '../testing/uncaught.js';
import { observe } from './observe.js';

it('what an observer throws is uncaught, and harms nobody who tells it', async () => {
  const uncaught = nextUncaught();
  const error = new Error('of the observer');
  const fail = () => {
    throw error;
  };
  observe(fail, 'an event');
  expect(await uncaught).toBe(error);
});

it('an observer is told once, in the same turn; without one, nothing happens', () => {
  const told: string[] = [];
  observe((event: string) => told.push(event), 'an event');
  observe<string>(undefined, 'another');
  expect(told).toEqual(['an event']);
});
