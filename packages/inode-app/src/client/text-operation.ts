import { InodeAppError } from '../errors.js';
import type { NewAttributes, Operation } from '../namespace/operations/operation.js';
import { type ByteString, byteStringFromText } from '../namespace/tree/byte-string.js';

/** Attributes to give; what is left out gets its default, or stays as it is. */
export interface Attributes {
  /** Permission bits, 0 to 0o7777. */
  readonly mode?: number;
  /** 1 to 255 bytes. */
  readonly owner?: string;
  readonly group?: string;
  /** Bytes: 0 to 2^53 - 1. */
  readonly size?: number;
  /** Whole milliseconds since 1970, at most 8.64e15 before or after. */
  readonly modifiedMs?: number;
  readonly accessedMs?: number;
}

/** One change of the tree, with paths as text. */
export type NamespaceOperation =
  | {
      readonly kind: 'mkdir';
      readonly path: string;
      /** Makes missing parents too, and is content with a directory that exists. */
      readonly parents?: boolean;
      readonly attributes?: Attributes;
    }
  | { readonly kind: 'create'; readonly path: string; readonly attributes?: Attributes }
  | {
      readonly kind: 'symlink';
      readonly path: string;
      readonly target: string;
      readonly attributes?: Attributes;
    }
  | { readonly kind: 'rename'; readonly source: string; readonly destination: string }
  | { readonly kind: 'delete'; readonly path: string; readonly recursive?: boolean }
  | { readonly kind: 'setAttribute'; readonly path: string; readonly attributes: Attributes };

/** The inside form of an operation; throws PATH_INVALID or ATTRIBUTE_INVALID. */
export function operationFromText(operation: NamespaceOperation): Operation {
  switch (operation.kind) {
    case 'mkdir':
      return {
        kind: 'mkdir',
        path: pathBytes(operation.path),
        parents: operation.parents ?? false,
        attributes: attributeBytes(operation.attributes),
      };
    case 'create':
      return {
        kind: 'create',
        path: pathBytes(operation.path),
        attributes: attributeBytes(operation.attributes),
      };
    case 'symlink':
      return {
        kind: 'symlink',
        path: pathBytes(operation.path),
        target: textBytes('target', operation.target),
        attributes: attributeBytes(operation.attributes),
      };
    case 'rename':
      return {
        kind: 'rename',
        source: pathBytes(operation.source),
        destination: pathBytes(operation.destination),
      };
    case 'delete':
      return {
        kind: 'delete',
        path: pathBytes(operation.path),
        recursive: operation.recursive ?? false,
      };
    case 'setAttribute':
      return {
        kind: 'setAttribute',
        path: pathBytes(operation.path),
        attributes: attributeBytes(operation.attributes),
      };
  }
}

/** The bytes of a path; throws PATH_INVALID for text that stands for none. */
export function pathBytes(path: string): ByteString {
  const bytes = byteStringFromText(path);
  if (bytes !== undefined) return bytes;
  const message = 'a path holds NUL or a lone surrogate that stands for no byte';
  throw new InodeAppError('PATH_INVALID', message, { path });
}

function attributeBytes(attributes: Attributes = {}): NewAttributes {
  const { owner, group, mode, size, modifiedMs, accessedMs } = attributes;
  return {
    mode,
    owner: owner === undefined ? undefined : textBytes('owner', owner),
    group: group === undefined ? undefined : textBytes('group', group),
    size,
    modifiedMs,
    accessedMs,
  };
}

function textBytes(what: string, text: string): ByteString {
  const bytes = byteStringFromText(text);
  if (bytes !== undefined) return bytes;
  const message = `${what} holds NUL or a lone surrogate that stands for no byte`;
  throw new InodeAppError('ATTRIBUTE_INVALID', message);
}
