import { describe, expect, it } from 'vitest';
import type { S3Object, S3Page } from './s3-bucket.js';
import { DirectoryPages } from './s3-directory.js';

function object(key: string, size = 1): S3Object {
  return { key, size, etag: '"e"', modifiedMs: 0, storageClass: undefined };
}

function page(keys: readonly string[], prefixes: readonly string[] = []): S3Page {
  return { objects: keys.map((key) => object(key)), prefixes };
}

/** Names by page: files, directories with `/`, and what is skipped in brackets. */
function namesOf(prefix: string, pages: readonly S3Page[]): readonly (readonly string[])[] {
  const directory = new DirectoryPages(prefix);
  return pages.map((each) => {
    const { entries, skipped } = directory.page(each);
    return [
      ...entries.map(({ name, type }) => (type === 'directory' ? `${name}/` : name)),
      ...skipped.map(({ name }) => `[${name}]`),
    ];
  });
}

describe('the entries below a prefix', () => {
  it('are keys and prefixes, and not the marker', () => {
    expect(namesOf('d/', [page(['d/', 'd/f'], ['d/e/'])])).toEqual([['f', 'e/', '[/]']]);
    const pages = new DirectoryPages('d/');
    const marker = { objects: [object('d/', 0)], prefixes: [] };
    expect(pages.page(marker)).toEqual({ entries: [], skipped: [] });
    expect(pages.isFound).toBe(true);
  });

  it('leave out a prefix with the name of a key, on whichever page it comes', () => {
    const pages = [
      page(['a', 'a!']),
      page(['a!b', 'a!c'], []),
      page(['a-', 'a.x'], ['a!d/']),
      page(['a0', 'b'], ['a/', 'a!/']),
      page([], ['b/', 'b0/', 'c/']),
    ];
    expect(namesOf('', pages)).toEqual([
      ['a', 'a!'],
      ['a!b', 'a!c'],
      ['a-', 'a.x', 'a!d/'],
      ['a0', 'b', '[a/]', '[a!/]'],
      ['b0/', 'c/', '[b/]'],
    ]);
  });

  it('leave out what no entry can be called', () => {
    const long = 'n'.repeat(256);
    const keys = ['d/.', 'd/..', `d/${long}`, 'd/a\0', 'd/a\u0001', 'd/\udcff'];
    const [names] = namesOf('d/', [page(keys, ['d//', 'd/./', 'd/ok/'])]);
    expect(names).toEqual([
      'ok/',
      '[.]',
      '[..]',
      `[${long}]`,
      '[a\0]',
      '[a\u0001]',
      '[\udcff]',
      '[/]',
      '[./]',
    ]);
  });

  it('are each there once, though a server repeats a prefix', () => {
    expect(namesOf('', [page([], ['a/', 'a/'])])).toEqual([['a/']]);
  });
});
