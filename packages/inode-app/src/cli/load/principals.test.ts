import { describe, expect, it } from 'vitest';
import { byteString } from '../../namespace/tree/byte-string.js';
import { PrincipalNames, readPrincipalNames } from './principals.js';

describe('PrincipalNames', () => {
  it('takes the first name of a number and leaves unknown ones as numbers', () => {
    const names = new PrincipalNames(
      byteString(
        'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:\n# comment\n\n+::\nb\xff:x:7:1\nbad:x:seven:1\n',
      ),
    );
    expect(names.nameOf(0n)).toBe('root');
    expect(names.nameOf(7n)).toBe('b\xff');
    expect(names.nameOf(4294967294n)).toBe('4294967294');
  });

  it('does without a file', async () => {
    const names = await readPrincipalNames('/nonexistent/passwd');
    expect(names.nameOf(0n)).toBe('0');
  });
});
