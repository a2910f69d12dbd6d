import { describe, expect, it } from 'vitest';
import { contentRange, parseContentRange, selectRange } from './byte-range.js';

const TAG = '"a"';
const WHOLE = { status: 200, first: 0, last: 99 };
const part = (first: number, last: number) => ({ status: 206, first, last });

describe('a request for a range', () => {
  it.each<[string, object]>([
    ['bytes=0-0', part(0, 0)],
    ['bytes=0-', part(0, 99)],
    ['bytes=10-19', part(10, 19)],
    ['BYTES = 10-19', part(10, 19)],
    ['bytes=90-1000', part(90, 99)],
    ['bytes=99-', part(99, 99)],
    ['bytes=-10', part(90, 99)],
    ['bytes=-1000', part(0, 99)],
    ['bytes=100-', { status: 416 }],
    ['bytes=100-200', { status: 416 }],
    ['bytes=-0', { status: 416 }],
    // What is no range, or more than one, is passed over.
    ['bytes=20-10', WHOLE],
    ['bytes=0-1,5-6', WHOLE],
    ['bytes=-', WHOLE],
    ['bytes=a-b', WHOLE],
    ['rows=0-1', WHOLE],
    ['', WHOLE],
  ])('"%s" selects what the RFC says', (range, expected) => {
    expect(selectRange({ range }, 100, TAG)).toEqual(expected);
  });

  it('has nothing of what is empty', () => {
    expect(selectRange({ range: 'bytes=0-' }, 0, TAG)).toEqual({ status: 416 });
    expect(selectRange({}, 0, TAG)).toEqual({ status: 200, first: 0, last: -1 });
  });

  it('is of what If-Range names, or else for the whole', () => {
    const range = 'bytes=1-2';
    expect(selectRange({ range, 'if-range': TAG }, 100, TAG)).toEqual(part(1, 2));
    for (const other of ['"b"', 'W/"a"', 'Sun, 06 Nov 1994 08:49:37 GMT', '']) {
      expect(selectRange({ range, 'if-range': other }, 100, TAG)).toEqual(WHOLE);
    }
  });

  it('is of what If-Match names, or refused', () => {
    const range = 'bytes=1-2';
    for (const match of [TAG, '*', '"b", "a"']) {
      expect(selectRange({ range, 'if-match': match }, 100, TAG)).toEqual(part(1, 2));
    }
    for (const match of ['"b"', 'W/"a"', 'a', '']) {
      expect(selectRange({ range, 'if-match': match }, 100, TAG)).toEqual({ status: 412 });
    }
  });
});

describe('Content-Range', () => {
  it('is read as it is written', () => {
    expect(parseContentRange(contentRange(3, 9, 20))).toEqual({
      first: 3,
      last: 9,
      lengthBytes: 20,
    });
  });

  it.each([
    undefined,
    '',
    'bytes */20',
    'bytes 3-9/*',
    'bytes 9-3/20',
    'bytes 3-20/20',
    'rows 3-9/20',
    'bytes 3-9/20 ',
    'bytes 1-2/99999999999999999',
  ])('says nothing as "%s"', (header) => {
    expect(parseContentRange(header)).toBeUndefined();
  });
});
