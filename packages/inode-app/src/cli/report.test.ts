import { describe, expect, it } from 'vitest';
import { InodeAppError } from '../errors.js';
import { Report } from './report.js';

function reported(error: unknown, json: boolean): { readonly line: string; readonly code: number } {
  let line = '';
  const report = new Report((text) => {
    line = text;
  }, json);
  report.error(error);
  return { line, code: report.exitCode };
}

describe('Report', () => {
  it('says what to do when the cluster does not answer', () => {
    const { line, code } = reported(new InodeAppError('UNAVAILABLE', 'no leader'), false);
    expect(line).toMatch(/^inode-app: no leader\. .*inode-app status/);
    expect(code).toBe(3);
  });

  it('claims to know the outcome only of errors that do', () => {
    const known = new InodeAppError('NOT_FOUND', '/a: there is no such entry', { path: '/a' });
    expect(JSON.parse(reported(known, true).line)).toEqual({
      error: 'NOT_FOUND',
      message: '/a: there is no such entry',
      outcome: 'definite',
      path: '/a',
    });
    expect(JSON.parse(reported(new Error('ENOSPC'), true).line)).toEqual({
      error: 'FAILED',
      message: 'ENOSPC',
      outcome: 'unknown',
    });
  });

  it('takes one refusal of several as that, even of a path that no argument can be', () => {
    const report = new Report(() => {}, false);
    report.refusal(new InodeAppError('PATH_TOO_LONG', '/a/b: a path has at most 4096 bytes'));
    expect(report.exitCode).toBe(1);
  });
});
