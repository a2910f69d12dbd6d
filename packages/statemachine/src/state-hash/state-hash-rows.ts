import { decodeValue, encodeValue } from '@raft-ts/net';
import { StateMachineError } from '../errors.js';
import type { FrameworkRow } from '../machine/durable-state-machine.js';

/** The first byte of a key; smaller ones are the sessions'. */
const LAST_KIND = 2;
const CHECKPOINT_KIND = 3;
const DIVERGENCE_KIND = 4;
/** Of every row's value; its first field. */
const FORMAT = 1;

/** What the state was made of up to an entry of the log. */
export interface StateHashAt {
  readonly index: number;
  /** 32 bits. */
  readonly hash: number;
}

/** Between which entries a member's state became another one than that of most members. */
export interface Divergence {
  /** The last entry up to which they are known to be equal; 0 where the member does not know any more. */
  readonly equalAt: number;
  /** The first one at which they are known to differ. */
  readonly differentAt: number;
}

/** A row as it was read. */
export type StateHashRow =
  | ({ readonly kind: 'last'; readonly checkpoints: number; readonly term: number } & StateHashAt)
  | ({ readonly kind: 'checkpoint'; readonly slot: number } & StateHashAt)
  | ({ readonly kind: 'divergence' } & Divergence);

/** Whether a row of the framework is one of these. */
export function isStateHashKey(key: Uint8Array): boolean {
  const kind = key[0];
  return kind === LAST_KIND || kind === CHECKPOINT_KIND || kind === DIVERGENCE_KIND;
}

/**
 * `checkpoints`: how many there were, those whose rows were replaced included; `term`: of the entry
 * that was applied last.
 */
export function lastRow(
  { index, hash }: StateHashAt,
  checkpoints: number,
  term: number,
): FrameworkRow {
  const value = encodeValue([FORMAT, index, hash, checkpoints, term]);
  return { key: Uint8Array.of(LAST_KIND), value };
}

/** Without a value the row goes. */
export function checkpointRow(slot: number, at: StateHashAt | undefined): FrameworkRow {
  const value = at === undefined ? undefined : encodeValue([FORMAT, at.index, at.hash]);
  return { key: Uint8Array.of(CHECKPOINT_KIND, slot), value };
}

export function divergenceRow({ equalAt, differentAt }: Divergence): FrameworkRow {
  return {
    key: Uint8Array.of(DIVERGENCE_KIND),
    value: encodeValue([FORMAT, equalAt, differentAt]),
  };
}

/** Throws SESSIONS_CORRUPT: it is kept beside the sessions. */
export function decodeStateHashRow(key: Uint8Array, value: Uint8Array): StateHashRow {
  const fields = numbersIn(value);
  const [format, first, second, third, fourth] = fields;
  if (format === FORMAT && first !== undefined && second !== undefined) {
    const [kind, slot] = key;
    if (kind === LAST_KIND && key.byteLength === 1 && third !== undefined && fourth !== undefined) {
      return { kind: 'last', index: first, hash: second, checkpoints: third, term: fourth };
    }
    if (kind === CHECKPOINT_KIND && key.byteLength === 2 && slot !== undefined) {
      return { kind: 'checkpoint', slot, index: first, hash: second };
    }
    if (kind === DIVERGENCE_KIND && key.byteLength === 1) {
      return { kind: 'divergence', equalAt: first, differentAt: second };
    }
  }
  throw corrupt();
}

function numbersIn(value: Uint8Array): readonly number[] {
  let fields: unknown;
  try {
    fields = decodeValue(value);
  } catch (cause) {
    throw corrupt(cause);
  }
  const numbers: readonly unknown[] = Array.isArray(fields) ? fields : [];
  if (!numbers.every((each) => typeof each === 'number' && Number.isSafeInteger(each) && each >= 0))
    throw corrupt();
  return numbers.map(Number);
}

function corrupt(cause?: unknown): StateMachineError {
  return new StateMachineError(
    'SESSIONS_CORRUPT',
    "the hashes kept beside the state machine's state can't be read. Rebuild this member from the others",
    { cause },
  );
}
