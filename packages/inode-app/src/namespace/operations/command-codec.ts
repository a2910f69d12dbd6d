import { MAX_INODE_ID, MAX_OPERATIONS_PER_COMMAND } from '../limits.js';
import type { WireMessage } from '../message-form.js';
import { parseFailure } from '../tree/failure.js';
import { wireArray, wireInteger } from '../wire-fields.js';
import type { OperationResult } from './operation.js';
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

/** Takes a command's results from a member, one for each of its operations. Throws WireError. */
export function parseResults(value: unknown, operations: number): readonly OperationResult[] {
  return wireArray(value, operations, operations, 'the results').map(parseResult);
}

function parseResult(value: unknown): OperationResult {
  return typeof value === 'number'
    ? wireInteger(value, 0, MAX_INODE_ID, 'a result')
    : parseFailure(value);
}
