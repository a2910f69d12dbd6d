import { MAX_INODE_ID, MAX_OPERATIONS_PER_COMMAND, MAX_RECLAIM_ENTRIES } from '../limits.js';
import { encodeAttributes, parseAttributes, type WireAttributes } from '../tree/attribute-codec.js';
import { WireError } from '../wire-error.js';
import { wireArray, wireBoolean, wireBytes, wireInteger } from '../wire-fields.js';
import {
  type NamespaceCommand,
  type NamespaceErrorCode,
  type Operation,
  OperationKind,
  type OperationResult,
} from './operation.js';

/**
 * Wire form of an operation, by its first element (`OperationKind`):
 *
 *     [1, path, parents, attributes]   mkdir
 *     [2, path, attributes]            create
 *     [3, path, target, attributes]    symlink
 *     [4, source, destination]         rename
 *     [5, path, recursive]             delete
 *     [6, path, attributes]            setAttribute
 *     [7, maxEntries]                  reclaim
 *
 * Paths, targets and names are byte strings; attributes are `WireAttributes`.
 */
export type WireOperation = readonly [
  kind: number,
  ...fields: (string | number | boolean | WireAttributes)[],
];

/** Wire form of a command: its operations, one at least. */
export type WireCommand = readonly WireOperation[];

export function encodeCommand(command: NamespaceCommand): WireCommand {
  return command.map(encodeOperation);
}

export function encodeOperation(operation: Operation): WireOperation {
  switch (operation.kind) {
    case 'mkdir': {
      const { path, parents, attributes } = operation;
      return [OperationKind.MakeDirectory, path, parents, encodeAttributes(attributes)];
    }
    case 'create':
      return [OperationKind.Create, operation.path, encodeAttributes(operation.attributes)];
    case 'symlink': {
      const { path, target, attributes } = operation;
      return [OperationKind.SymbolicLink, path, target, encodeAttributes(attributes)];
    }
    case 'rename':
      return [OperationKind.Rename, operation.source, operation.destination];
    case 'delete':
      return [OperationKind.Delete, operation.path, operation.recursive];
    case 'setAttribute':
      return [OperationKind.SetAttribute, operation.path, encodeAttributes(operation.attributes)];
    case 'reclaim':
      return [OperationKind.Reclaim, operation.maxEntries];
  }
}

/**
 * Takes a command from a client that may be hostile. Throws WireError for what has not the form
 * of a command; a path or attribute that breaks a rule is left for its operation's result.
 */
export function parseCommand(value: unknown): NamespaceCommand {
  const operations = wireArray(value, 1, MAX_OPERATIONS_PER_COMMAND, 'a command');
  const command: Operation[] = [];
  for (const operation of operations) command.push(parseOperation(operation));
  return command;
}

function parseOperation(value: unknown): Operation {
  const fields = wireArray(value, 2, 4, 'an operation');
  switch (fields[0]) {
    case OperationKind.MakeDirectory: {
      const [, path, parents, attributes] = wireArray(fields, 4, 4, 'a mkdir');
      return {
        kind: 'mkdir',
        path: wireBytes(path, 'path'),
        parents: wireBoolean(parents, 'parents'),
        attributes: parseAttributes(attributes),
      };
    }
    case OperationKind.Create:
      return parsePathAndAttributes('create', fields);
    case OperationKind.SymbolicLink: {
      const [, path, target, attributes] = wireArray(fields, 4, 4, 'a symlink');
      return {
        kind: 'symlink',
        path: wireBytes(path, 'path'),
        target: wireBytes(target, 'target'),
        attributes: parseAttributes(attributes),
      };
    }
    case OperationKind.Rename: {
      const [, from, to] = wireArray(fields, 3, 3, 'a rename');
      const source = wireBytes(from, 'source');
      return { kind: 'rename', source, destination: wireBytes(to, 'destination') };
    }
    case OperationKind.Delete: {
      const [, name, recursive] = wireArray(fields, 3, 3, 'a delete');
      const path = wireBytes(name, 'path');
      return { kind: 'delete', path, recursive: wireBoolean(recursive, 'recursive') };
    }
    case OperationKind.SetAttribute:
      return parsePathAndAttributes('setAttribute', fields);
    case OperationKind.Reclaim: {
      const [, count] = wireArray(fields, 2, 2, 'a reclaim');
      return {
        kind: 'reclaim',
        maxEntries: wireInteger(count, 1, MAX_RECLAIM_ENTRIES, 'maxEntries'),
      };
    }
    default:
      throw new WireError(`an operation of unknown kind ${describe(fields[0])}`);
  }
}

/** The two operations that take a path with attributes and nothing else. */
function parsePathAndAttributes(
  kind: 'create' | 'setAttribute',
  fields: readonly unknown[],
): Operation {
  const [, path, attributes] = wireArray(fields, 3, 3, `a ${kind}`);
  return { kind, path: wireBytes(path, 'path'), attributes: parseAttributes(attributes) };
}

/** Takes a command's results from a member, one for each of its operations. */
export function parseResults(value: unknown, operations: number): readonly OperationResult[] {
  return wireArray(value, operations, operations, 'the results').map(parseResult);
}

function parseResult(value: unknown): OperationResult {
  if (typeof value === 'number') return wireInteger(value, 0, MAX_INODE_ID, 'a result');
  return parseFailure(value);
}

/** The wire form of a refusal. Its code may be one that only a later version knows. */
export function parseFailure(value: unknown): readonly [NamespaceErrorCode, string] {
  const [code, path] = wireArray(value, 2, 2, 'a refusal');
  return [wireBytes(code, 'code') as NamespaceErrorCode, wireBytes(path, 'path')];
}

function describe(kind: unknown): string {
  return typeof kind === 'number' ? `${kind}` : `of type ${typeof kind}`;
}
