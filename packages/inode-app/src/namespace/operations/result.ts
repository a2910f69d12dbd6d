import { MAX_INODE_ID } from '../limits.js';
import { type Failure, parseFailure } from '../tree/failure.js';
import { wireArray, wireInteger } from '../wire-fields.js';

/**
 * What an operation in a mount came to when it was applied: it was begun, and the intent with this id says how it
 * ends. No client is told so: its leader answers once it has ended.
 */
export type Begun = readonly [begun: typeof BEGUN, intent: number];

/** Stands where a refusal has its code. */
const BEGUN = 'BEGUN';

/**
 * The wire form of one operation's result: the id of the inode it was about (0 where there is none), or the error's code
 * with the path (byte string) that it is about.
 */
export type OperationResult = number | Failure;

/** What applying an operation came to. */
export type AppliedResult = OperationResult | Begun;

/** Of an operation that the storage of a mount has a part in. */
export function begun(intent: number): Begun {
  return [BEGUN, intent];
}

/** The intent that an operation began; undefined for a result that is one already. */
export function begunIntent(result: unknown): number | undefined {
  return Array.isArray(result) && result[0] === BEGUN ? Number(result[1]) : undefined;
}

/** Takes a result from a member or a row, one that nothing is left to do for; throws WireError. */
export function parseResult(value: unknown): OperationResult {
  return typeof value === 'number'
    ? wireInteger(value, 0, MAX_INODE_ID, 'a result')
    : parseFailure(value);
}

/** Takes a command's results from a member, one for each of its operations. Throws WireError. */
export function parseResults(value: unknown, operations: number): readonly OperationResult[] {
  return wireArray(value, operations, operations, 'the results').map(parseResult);
}
