import { describe, expect, it } from 'vitest';
import { StorageError } from '../storage-error.js';
import { s3Driver } from './s3-driver.js';
import { understandCredentials, understandPlace } from './s3-place.js';

function problem(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof StorageError && error.code === 'INVALID') return error.message;
    throw error;
  }
  throw new Error('It was accepted');
}

describe('a place in S3', () => {
  it('has one form, and is the same however it is reached', () => {
    const parse = (uri: string, options = {}) => s3Driver.parse(uri, options);
    expect(parse('s3://bucket')).toEqual({ uri: 's3://bucket', place: 's3://bucket' });
    expect(parse('s3://bucket/')).toEqual(parse('s3://bucket'));
    expect(parse('s3://bucket/a +%/b/')).toEqual({
      uri: 's3://bucket/a +%/b',
      place: 's3://bucket/a +%/b',
    });
    const endpoint = 'http://LOCALHOST:9000/';
    const there = parse('s3://bucket/a', { endpoint, pathStyle: 'true' });
    expect(there).toEqual({ uri: 's3://bucket/a', place: 's3://localhost:9000/bucket/a' });
    const amazons = 'https://s3.eu-central-1.amazonaws.com';
    expect(parse('s3://bucket/a', { endpoint: amazons }).place).toBe('s3://bucket/a');
  });

  it.each([
    ['s3:bucket', {}, 's3://bucket/prefix'],
    ['s3://', {}, 's3://bucket/prefix'],
    ['s3://key:secret@bucket/a', {}, 's3://bucket/prefix'],
    ['s3://bucket/a//b', {}, 'empty'],
    ['s3://bucket/../b', {}, '..'],
    ['s3://bucket/\ud800', {}, 'Unicode'],
    ['s3://bucket', { Endpoint: 'http://a' }, 'Endpoint'],
    ['s3://bucket', { endpoint: 'localhost' }, 'URL'],
    ['s3://bucket', { endpoint: 'ftp://a' }, 'http://'],
    ['s3://bucket', { endpoint: 'http://key:secret@a' }, 'credentials'],
    ['s3://bucket', { endpoint: 'http://a?key=secret' }, 'path'],
    ['s3://bucket', { pathStyle: 'yes' }, 'true or false'],
    ['s3://bucket', { region: 'Frankfurt am Main' }, 'region'],
    ['s3://bucket', { parallel: '0' }, 'parallel'],
    ['s3://bucket', { multipartCopyBytes: '1000' }, 'multipartCopyBytes'],
  ])('is not %s with %o', (uri, options, part) => {
    const message = problem(() => understandPlace(uri, options));
    expect(message).toContain(part);
    expect(message).not.toContain('secret');
  });

  it('takes credentials whole or not at all', () => {
    expect(understandCredentials(undefined)).toBeUndefined();
    const both = { accessKeyId: 'a', secretAccessKey: 'secret' };
    expect(understandCredentials(both)).toEqual(both);
    const session = { ...both, sessionToken: 't' };
    expect(understandCredentials(session)).toEqual(session);
    expect(problem(() => understandCredentials({ accessKeyId: 'secret' }))).not.toContain(
      'secret ',
    );
    expect(problem(() => understandCredentials({ ...both, password: 'hidden' }))).toMatch(
      /^(?!.*hidden).*password/,
    );
  });
});
