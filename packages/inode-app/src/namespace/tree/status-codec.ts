import { MAX_INODE_ID } from '../limits.js';
import {
  WireError,
  wireArray,
  wireBoolean,
  wireBytes,
  wireInteger,
  wireNumber,
} from '../wire-fields.js';
import type { ByteString } from './byte-string.js';
import { INODE_FIELDS, type Inode, type InodeType, isInodeType, type Mounted } from './inode.js';

/**
 * Wire form of an inode in an answer: its fields, in the order of `INODE_FIELDS`, without the last one for what lies in
 * no mount.
 */
export type WireStatus =
  | FieldsInOrder<PlainFields>
  | readonly [...FieldsInOrder<PlainFields>, mounted: WireMounted];

type PlainFields = typeof INODE_FIELDS extends readonly [...infer Plain, 'mounted'] ? Plain : never;
type WireMounted = readonly [mount: number, complete: boolean, fingerprint: ByteString];

type FieldsInOrder<Fields extends readonly unknown[]> = {
  readonly [Position in keyof Fields]: Fields[Position] extends keyof Inode
    ? Inode[Fields[Position]]
    : never;
};

export function encodeStatus(inode: Inode): WireStatus {
  const plain = plainFields(inode);
  if (inode.mounted === undefined) return plain;
  const { mount, complete, fingerprint } = inode.mounted;
  return [...plain, [mount, complete, fingerprint]];
}

function plainFields(inode: Inode): FieldsInOrder<PlainFields> {
  return [
    inode.id,
    inode.type,
    inode.mode,
    inode.owner,
    inode.group,
    inode.size,
    inode.modifiedMs,
    inode.accessedMs,
    inode.target,
  ];
}

/** The inode in an answer; throws WireError for anything else. */
export function parseStatus(value: unknown): Inode {
  const fields = wireArray(value, INODE_FIELDS.length - 1, INODE_FIELDS.length, 'a status');
  return {
    id: wireInteger(fields[0], 1, MAX_INODE_ID, 'id'),
    type: wireType(fields[1]),
    mode: wireNumber(fields[2], 'mode'),
    owner: wireBytes(fields[3], 'owner'),
    group: wireBytes(fields[4], 'group'),
    size: wireNumber(fields[5], 'size'),
    modifiedMs: wireNumber(fields[6], 'modifiedMs'),
    accessedMs: wireNumber(fields[7], 'accessedMs'),
    target: wireBytes(fields[8], 'target'),
    mounted: fields.length < INODE_FIELDS.length ? undefined : parseMounted(fields[9]),
  };
}

function parseMounted(value: unknown): Mounted {
  const [mount, complete, fingerprint] = wireArray(value, 3, 3, 'mounted');
  return {
    mount: wireInteger(mount, 1, MAX_INODE_ID, 'mount'),
    complete: wireBoolean(complete, 'complete'),
    fingerprint: wireBytes(fingerprint, 'fingerprint'),
  };
}

function wireType(value: unknown): InodeType {
  if (isInodeType(value)) return value;
  throw new WireError('an inode of unknown type');
}
