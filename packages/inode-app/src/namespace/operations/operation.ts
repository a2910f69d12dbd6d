import {
  type Fields,
  type Message,
  type MessageForm,
  messageForm,
  type TextMessage,
} from '../message-form.js';
import type { IntendedChange } from '../mounts/intent.js';
import type { ByteString } from '../tree/byte-string.js';
import type { InodeStore } from '../tree/inode-store.js';
import type { OperationResult } from './result.js';

/** What one kind of operation does. */
interface OperationRules<Operation> {
  /** The paths whose inodes `apply` looks at, to be read ahead. */
  paths(operation: Operation): readonly ByteString[];
  /**
   * What of it happens in a storage where its paths lie in a mount; undefined: no storage can do that. Not given for
   * what is about no path of the tree, or about mounts themselves.
   */
  intended?(operation: Operation): IntendedChange | undefined;
  /** It is refused beside other operations: what has to be made sure before is made sure of a command's only one. */
  readonly alone?: true;
  /** Entries that `apply` takes out of the trash at most, to be read ahead. */
  reclaims?(operation: Operation): number;
  /**
   * Carries it out, wholly or not at all. Deterministic: the same tree, operation and `timeMs` (the
   * log entry's clock) give the same tree and result everywhere.
   */
  apply(store: InodeStore, operation: Operation, timeMs: number): OperationResult;
}

/** All that is to be known of one kind of operation; `operation-table.ts` lists them. */
export interface OperationDefinition<Operation, Text>
  extends MessageForm<Operation, Text>,
    OperationRules<Operation> {}

/** A kind of operation: its name, its number and fields on the wire, and what it does. */
export function defineOperation<Kind extends string, Of extends Fields>(
  kind: Kind,
  number: number,
  fields: Of,
  rules: OperationRules<Message<Kind, Of>>,
): OperationDefinition<Message<Kind, Of>, TextMessage<Kind, Of>> {
  return { ...messageForm(kind, number, fields), ...rules };
}
