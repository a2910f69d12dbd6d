import { expect, it } from 'vitest';
import { localDriver } from './local-driver.js';

it.each([
  ['file:///', 'file:///', 'file://'],
  ['file:///a/b', 'file:///a/b', 'file:///a/b'],
  ['file:///a//b/', 'file:///a/b', 'file:///a/b'],
  ['file:///a b/ü', 'file:///a%20b/%C3%BC', 'file:///a b/ü'],
  ['file:///a%20b%3f%FF', 'file:///a%20b%3F%FF', 'file:///a b?\udcff'],
])('%s is a place', (uri, written, place) => {
  expect(localDriver.parse(uri, {})).toEqual({ uri: written, place });
  expect(localDriver.parse(written, {})).toEqual({ uri: written, place });
});

it.each([
  'file:',
  'file:a/b',
  'file://host/a',
  'file://user:secret@host/a',
  'file:///a/../b',
  'file:///a/./b',
  'file:///a%00b',
  'file:///a?b',
  'file:///a#b',
  'file:///100%',
])('%s is none', (uri) => {
  expect(() => localDriver.parse(uri, {})).toThrow(expect.objectContaining({ code: 'INVALID' }));
});

it('takes a number of parallel calls, and no credentials', async () => {
  expect(localDriver.parse('file:///a', { parallel: '64' }).place).toBe('file:///a');
  for (const parallel of ['0', '65', '1.5', '']) {
    expect(() => localDriver.parse('file:///a', { parallel })).toThrow('1 to 64');
  }
  await expect(localDriver.open('file:///a', {}, { user: 'secret' })).rejects.toMatchObject({
    code: 'INVALID',
    message: expect.not.stringContaining('secret'),
  });
});
