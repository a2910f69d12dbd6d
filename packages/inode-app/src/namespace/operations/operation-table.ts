import { argumentInvalid } from '../../errors.js';
import { MAX_MESSAGE_FIELDS, type WireMessage } from '../message-form.js';
import { beginThroughMount } from '../mounts/begin-intent.js';
import type { IntendedChange } from '../mounts/intent.js';
import { attributesFault, targetFault } from '../tree/attributes.js';
import type { ByteString } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import type { InodeStore } from '../tree/inode-store.js';
import { ROOT_PATH } from '../tree/path.js';
import { WireError, wireArray } from '../wire-fields.js';
import { completeFile } from './complete-file.js';
import { createFile } from './create-file.js';
import { createSymbolicLink } from './create-symbolic-link.js';
import { deleteInode } from './delete.js';
import { finishIntent } from './finish-intent.js';
import { makeDirectory } from './make-directory.js';
import { mountStorage } from './mount-storage.js';
import { moveIntent } from './move-intent.js';
import { openEpoch } from './open-epoch.js';
import type { OperationDefinition } from './operation.js';
import { reclaim } from './reclaim.js';
import { rename } from './rename.js';
import type { AppliedResult } from './result.js';
import { setAttribute } from './set-attribute.js';
import { syncEntries } from './sync-entries.js';
import { unmountStorage } from './unmount-storage.js';
import { updateMount } from './update-mount.js';

/** Operations that programs ask for. */
const TEXT_DEFINITIONS = {
  mkdir: makeDirectory,
  create: createFile,
  symlink: createSymbolicLink,
  rename,
  delete: deleteInode,
  setAttribute,
  complete: completeFile,
  mount: mountStorage,
  unmount: unmountStorage,
  updateMount,
};

/** All operations, by kind. */
const DEFINITIONS = {
  ...TEXT_DEFINITIONS,
  reclaim,
  openEpoch,
  finishIntent,
  moveIntent,
  syncEntries,
};

export type OperationKind = keyof typeof DEFINITIONS;
type TextOperationKind = keyof typeof TEXT_DEFINITIONS;

/** The operations of these kinds. */
export type OperationOf<Kinds extends OperationKind> = {
  [Kind in Kinds]: ReturnType<(typeof DEFINITIONS)[Kind]['parse']> & { readonly kind: Kind };
}[Kinds];
type TextOperationOf<Kinds extends TextOperationKind> = {
  [Kind in Kinds]: Parameters<(typeof DEFINITIONS)[Kind]['fromText']>[0] & { readonly kind: Kind };
}[Kinds];

/** One change of the tree. Paths are absolute and normal (`/a/b`, no `.`, `..`, `//`). */
export type Operation = OperationOf<OperationKind>;

/** One change of the tree as programs ask for it, with paths as text. */
export type NamespaceOperation = TextOperationOf<TextOperationKind>;

/** One command of the state machine: operations carried out in order, each with its own result. */
export type NamespaceCommand = readonly Operation[];

const BY_KIND: {
  readonly [Kind in OperationKind]: OperationDefinition<OperationOf<Kind>, unknown>;
} = DEFINITIONS;
const TEXT_BY_KIND: {
  readonly [Kind in TextOperationKind]: OperationDefinition<
    OperationOf<Kind>,
    TextOperationOf<Kind>
  >;
} = TEXT_DEFINITIONS;

const PARSERS = new Map<unknown, (wire: readonly unknown[]) => Operation>(
  Object.values(DEFINITIONS).map(({ number, parse }) => [number, parse]),
);

/** Carries out one operation, or begins it; see `OperationRules.apply`. `alone`: it is the only one of its command. */
export function applyOperation<Kind extends OperationKind>(
  store: InodeStore,
  operation: OperationOf<Kind>,
  timeMs: number,
  alone: boolean,
): AppliedResult {
  const definition = BY_KIND[operation.kind];
  if (!alone && definition.alone === true) {
    return failure('MOUNT_ALONE', 'path' in operation ? operation.path : ROOT_PATH);
  }
  if (!store.mounts.isEmpty && definition.intended !== undefined) {
    const paths = definition.paths(operation);
    const change = definition.intended(operation);
    const result = beginThroughMount(store, { paths, change, alone });
    if (result !== undefined) return result;
  }
  return definition.apply(store, operation, timeMs);
}

/** The paths whose inodes an operation looks at. */
export function operationPaths<Kind extends OperationKind>(
  operation: OperationOf<Kind>,
): readonly ByteString[] {
  return BY_KIND[operation.kind].paths(operation);
}

/** What of an operation happens in a storage, where its paths lie in a mount. */
export function operationChange<Kind extends OperationKind>(
  operation: OperationOf<Kind>,
): IntendedChange | undefined {
  return BY_KIND[operation.kind].intended?.(operation);
}

/** Entries that an operation takes out of the trash at most. */
export function operationReclaims<Kind extends OperationKind>(
  operation: OperationOf<Kind>,
): number {
  return BY_KIND[operation.kind].reclaims?.(operation) ?? 0;
}

/** The inside form of an operation; throws PATH_INVALID, ATTRIBUTE_INVALID or ARGUMENT_INVALID. */
export function operationFromText<Kind extends TextOperationKind>(
  text: TextOperationOf<Kind>,
): Operation {
  if (typeof text !== 'object' || text === null || !Object.hasOwn(TEXT_BY_KIND, text.kind)) {
    const kinds = Object.keys(TEXT_BY_KIND).join(', ');
    throw argumentInvalid(`an operation is an object with a kind, which is one of: ${kinds}`);
  }
  return TEXT_BY_KIND[text.kind].fromText(text);
}

/** The form that the log keeps. */
export function encodeOperation<Kind extends OperationKind>(
  operation: OperationOf<Kind>,
): WireMessage {
  return BY_KIND[operation.kind].encode(operation);
}

/** Takes an operation from a client that may be hostile; see `MessageForm.parse`. */
export function parseOperation(value: unknown): Operation {
  const wire = wireArray(value, 1, MAX_MESSAGE_FIELDS + 1, 'an operation');
  const parse = PARSERS.get(wire[0]);
  if (parse !== undefined) return parse(wire);
  const number = typeof wire[0] === 'number' ? `${wire[0]}` : `of type ${typeof wire[0]}`;
  throw new WireError(`an operation of unknown kind ${number}`);
}

/** What is out of its limits in an operation, in words: why it is ATTRIBUTE_INVALID. */
export function operationFault(operation: Operation): string | undefined {
  const target = 'target' in operation ? targetFault(operation.target) : undefined;
  if (target !== undefined || !('attributes' in operation)) return target;
  return attributesFault(operation.attributes);
}
