import { getHeapStatistics } from 'node:v8';

/**
 * What a member says of its process, in every state. `readRss` may throw: it opens a file, and a process that can
 * open no more says null there. The rest needs none.
 */
export function processStatus(readRss: () => number) {
  return {
    rssBytes: rssOf(readRss),
    heapUsedBytes: getHeapStatistics().used_heap_size,
    uptimeMs: Math.round(process.uptime() * 1000),
  };
}

function rssOf(readRss: () => number): number | null {
  try {
    return readRss();
  } catch {
    return null;
  }
}
