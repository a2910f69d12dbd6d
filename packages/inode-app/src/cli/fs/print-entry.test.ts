import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEscaped } from '../../display-names.js';
import { type ByteString, byteString, NO_BYTES } from '../../namespace/tree/byte-string.js';
import { type Inode, InodeType } from '../../namespace/tree/inode.js';
import { jsonEntry, longLines, modeText, sizeText, statusLines, timeText } from './print-entry.js';

const inode: Inode = {
  id: 7,
  type: InodeType.SymbolicLink,
  mode: 0o777,
  owner: byteString('root'),
  group: byteString('staff'),
  size: 3,
  modifiedMs: 1000,
  accessedMs: -1,
  target: byteString('a\xff\n'),
  mounted: undefined,
};

describe('modeText', () => {
  it.each([
    [InodeType.Directory, 0o755, 'drwxr-xr-x'],
    [InodeType.File, 0o644, '-rw-r--r--'],
    [InodeType.File, 0o4755, '-rwsr-xr-x'],
    [InodeType.File, 0o6644, '-rwSr-Sr--'],
    [InodeType.Directory, 0o1777, 'drwxrwxrwt'],
    [InodeType.Directory, 0o1776, 'drwxrwxrwT'],
    [InodeType.SymbolicLink, 0, 'l---------'],
  ])('%s %s is %s', (type, mode, text) => {
    expect(modeText(type, mode)).toBe(text);
  });
});

describe('entries', () => {
  it('lose nothing in JSON', () => {
    const line = JSON.stringify(jsonEntry(byteString('/d/x\xfe'), inode));
    expect(line).toBe(
      '{"path":"/d/x\\udcfe","name":"x\\udcfe","id":7,"type":"symlink","size":3,"mode":511,' +
        '"owner":"root","group":"staff","modifiedMs":1000,"accessedMs":-1,"target":"a\\udcff\\n"}',
    );
  });

  it('are one line each as text', () => {
    expect(longLines([{ shown: byteString('x\n'), inode }])).toEqual([
      'lrwxrwxrwx  root  staff  3  1970-01-01T00:00:01.000Z  x\\n -> a\\xff\\n',
    ]);
    expect(timeText(8.64e15)).toBe('+275760-09-13T00:00:00.000Z');
  });

  it('keep every blank of their names, and every arrow', () => {
    const text = (shown: string, target: string, owner = 'o') =>
      longLines([
        {
          shown: byteString(shown),
          inode: {
            ...inode,
            type: target === '' ? InodeType.File : InodeType.SymbolicLink,
            owner: byteString(owner),
            target: byteString(target),
          },
        },
      ])[0]?.replace(/^.*Z {2}/, '');
    expect(text('a ', '')).toBe('a ');
    expect(text(' \t', '')).toBe(' \\t');
    expect(text('a -> b', '')).toBe('a -> b');
    expect(text('a', 'b -> c ')).toBe('a -> b -> c ');
    expect(text('a -> b', 'c')).toBe('a\\x20-> b -> c');
    expect(text('a ->', 'b')).toBe('a\\x20-> -> b');
    expect(text('a ', '-> b')).toBe('a  -> -> b');
    expect(
      longLines([{ shown: NO_BYTES, inode: { ...inode, owner: byteString('a  b') } }])[0],
    ).toMatch(/^lrwxrwxrwx {2}a\\x20\\x20b {2}staff/);
  });

  it('in a mount say of which storage they are, and what is still to come', () => {
    const mounted = { mount: 4, complete: false, fingerprint: NO_BYTES };
    const file: Inode = { ...inode, type: InodeType.File, target: NO_BYTES, mounted };
    const told = (of: Inode) => statusLines(byteString('/m/x'), of, mount).slice(9);
    const mount = { id: 4, path: '/m', uri: 'file:///srv' };
    expect(longLines([{ shown: byteString('x'), inode: file }])[0]).toContain(' incomplete ');
    expect(told(file)).toEqual(['   Mount: /m (file:///srv)', ' Content: incomplete']);
    const written = { ...mounted, complete: true, fingerprint: byteString('"e1"') };
    expect(told({ ...file, mounted: written })).toEqual([
      '   Mount: /m (file:///srv)',
      ' Content: fingerprint "e1"',
    ]);
    const directory: Inode = { ...file, type: InodeType.Directory };
    expect(told(directory)[1]).toBe(' Entries: not all known yet');
    expect(statusLines(byteString('/m'), directory)[9]).toBe('   Mount: 4');
    expect(longLines([{ shown: byteString('x'), inode: directory }])[0]).toContain('  3  ');
    expect(told({ ...file, mounted: undefined })).toEqual([]);
  });

  it('never make two links one line', () => {
    const bytes = fc
      .array(fc.constantFrom(' ', '-', '>', ' -> ', 'a', '\n'), { minLength: 1, maxLength: 6 })
      .map((parts) => byteString(parts.join('')));
    const line = (shown: ByteString, target: ByteString) =>
      longLines([{ shown, inode: { ...inode, target } }])[0];
    fc.assert(
      fc.property(bytes, bytes, (shown, target) => {
        const [, name = '', to = ''] = /Z {2}(.*?) -> (.*)$/.exec(line(shown, target) ?? '') ?? [];
        expect([parseEscaped(name), parseEscaped(to)]).toEqual([shown, target]);
      }),
    );
  });
});

describe('sizeText', () => {
  it.each([
    [0, '0'],
    [1023, '1023'],
    [1024, '1.0K'],
    [1025, '1.1K'],
    [10_239, '10K'],
    [1_048_575, '1.0M'],
    [1_048_576, '1.0M'],
    [5_000_000_000, '4.7G'],
    [Number.MAX_SAFE_INTEGER, '8.0P'],
  ])('%d is %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});
