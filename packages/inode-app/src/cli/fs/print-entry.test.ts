import { describe, expect, it } from 'vitest';
import { byteString } from '../../namespace/tree/byte-string.js';
import { type Inode, InodeType } from '../../namespace/tree/inode.js';
import { jsonEntry, longLines, modeText, timeText } from './print-entry.js';

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
});
