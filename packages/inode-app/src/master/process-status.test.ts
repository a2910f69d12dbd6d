import { describe, expect, it } from 'vitest';
import { processStatus } from './process-status.js';

describe('what a member says of its process', () => {
  it('is all there', () => {
    const status = processStatus(process.memoryUsage.rss);
    expect(Object.values(status).every((value) => Number(value) > 0)).toBe(true);
  });

  it('is said without the memory where no file can be opened to read that', () => {
    const readRss = () => {
      throw new Error('EMFILE: too many open files, uv_resident_set_memory');
    };
    expect(processStatus(readRss)).toMatchObject({
      rssBytes: null,
      heapUsedBytes: expect.any(Number),
    });
  });
});
