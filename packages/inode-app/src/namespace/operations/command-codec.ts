import { MAX_OPERATIONS_PER_COMMAND } from '../limits.js';
import type { WireMessage } from '../message-form.js';
import { wireArray } from '../wire-fields.js';
import { encodeOperation, type NamespaceCommand, parseOperation } from './operation-table.js';

/** The form of a command that the log keeps: its operations, one at least. */
export function encodeCommand(command: NamespaceCommand): readonly WireMessage[] {
  return command.map((operation) => encodeOperation(operation));
}

/**
 * Takes a command from a client that may be hostile. Throws WireError for what has not the form
 * of a command; a path or attribute that breaks a rule is left for its operation's result.
 */
export function parseCommand(value: unknown): NamespaceCommand {
  return wireArray(value, 1, MAX_OPERATIONS_PER_COMMAND, 'a command').map(parseOperation);
}
