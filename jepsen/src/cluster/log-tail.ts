import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const MAX_TAIL_BYTES = 8 * 1024;
const MAX_TAIL_LINES = 20;

/** The last lines of what stands in a file from this byte on; empty where there is no such file. */
export function lastLines(file: string, fromByte: number): readonly string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return [];
  }
  try {
    const endByte = fstatSync(descriptor).size;
    const start = Math.max(fromByte, endByte - MAX_TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(0, endByte - start));
    const length = readSync(descriptor, bytes, 0, bytes.length, start);
    const lines = bytes.subarray(0, length).toString('utf8').split('\n');
    return lines.filter((line) => line.trim() !== '').slice(-MAX_TAIL_LINES);
  } finally {
    closeSync(descriptor);
  }
}
