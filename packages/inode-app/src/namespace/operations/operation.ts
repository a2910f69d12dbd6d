import type { WireAttributes } from '../tree/attribute-codec.js';
import type { ByteString } from '../tree/byte-string.js';
import type { Failure } from '../tree/failure.js';
import type { InodeStore } from '../tree/inode-store.js';

/**
 * The wire form of one operation's result: the id of the inode it was about (0 for reclaim), or
 * the error's code with the path (byte string) that it is about.
 */
export type OperationResult = number | Failure;

/** Wire form of an operation: its number, then its fields. */
export type WireOperation = readonly [
  number: number,
  ...fields: (string | number | boolean | WireAttributes)[],
];

/** All that is to be known of one kind of operation; `operation-table.ts` lists them. */
export interface OperationDefinition<Operation extends { readonly kind: string }> {
  readonly kind: Operation['kind'];
  /** First element of the wire form. Stored in the log: a number is never given twice. */
  readonly number: number;
  /** The form that the log keeps. */
  encode(operation: Operation): WireOperation;
  /**
   * Takes the wire form, two to four elements, from a client that may be hostile. Throws WireError;
   * a path or attribute that breaks a rule is left for `apply` to refuse.
   */
  parse(wire: readonly unknown[]): Operation;
  /** The paths whose inodes `apply` looks at, to be read ahead. */
  paths(operation: Operation): readonly ByteString[];
  /** Entries that `apply` takes out of the trash at most, to be read ahead. */
  reclaims?(operation: Operation): number;
  /**
   * Carries it out, wholly or not at all. Deterministic: the same tree, operation and `timeMs` (the
   * log entry's clock) give the same tree and result everywhere.
   */
  apply(store: InodeStore, operation: Operation, timeMs: number): OperationResult;
}

/** An operation that programs ask for, with text in place of byte strings. */
export interface TextOperationDefinition<
  Operation extends { readonly kind: string },
  Text extends { readonly kind: Operation['kind'] },
> extends OperationDefinition<Operation> {
  /** Throws InodeAppError PATH_INVALID or ATTRIBUTE_INVALID for text that stands for no bytes. */
  fromText(text: Text): Operation;
}
