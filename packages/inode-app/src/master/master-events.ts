import type { InodeAppErrorCode } from '../errors.js';

/**
 * What a master's process tells the one that started it: a line of JSON each on standard output.
 */
export type MasterEvent =
  | {
      readonly event: 'serving';
      readonly id: number;
      readonly pid: number;
      readonly clientAddress: string;
      readonly memberAddress: string;
    }
  | {
      readonly event: 'failed';
      readonly code: InodeAppErrorCode;
      readonly message: string;
    };

/** Reads a line; undefined for anything else. */
export function parseMasterEvent(line: string): MasterEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('event' in value)) return undefined;
  return value.event === 'serving' || value.event === 'failed' ? (value as MasterEvent) : undefined;
}
