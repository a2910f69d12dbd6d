import { describe, expect, it } from 'vitest';
import { readRoleSamples } from './role-sample.js';

const LINE = '{"atMs":1250.5,"roles":{"1":"leader","2":"silent"}}\n';

describe('readRoleSamples', () => {
  it('reads a line a sample, and leaves out what was not written to its end', () => {
    const sample = { atMs: 1250.5, roles: { 1: 'leader', 2: 'silent' } };
    expect(readRoleSamples(LINE + LINE + LINE.slice(0, -9))).toEqual([sample, sample]);
    expect(readRoleSamples('')).toEqual([]);
  });

  it('refuses what is no sample, and names the line', () => {
    for (const line of [
      'x',
      'null',
      '{"atMs":1}',
      '{"atMs":"1","roles":{}}',
      '{"atMs":1,"roles":[]}',
      '{"atMs":1,"roles":{"1":"king"}}',
    ]) {
      expect(() => readRoleSamples(`${LINE}${line}\n`), line).toThrow(
        expect.objectContaining({
          code: 'LOG_INVALID',
          message: expect.stringContaining('line 2'),
        }),
      );
    }
  });
});
