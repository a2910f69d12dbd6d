import { MAX_INODE_ID } from '../limits.js';
import { WireError, wireArray, wireBytes, wireInteger, wireNumber } from '../wire-fields.js';
import { INODE_FIELDS, type Inode, type InodeType, isInodeType } from './inode.js';

/** Wire form of an inode in an answer: its fields, in the order of `INODE_FIELDS`. */
export type WireStatus = FieldsInOrder<typeof INODE_FIELDS>;

type FieldsInOrder<Fields extends readonly (keyof Inode)[]> = {
  readonly [Position in keyof Fields]: Inode[Fields[Position]];
};

export function encodeStatus(inode: Inode): WireStatus {
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
  const fields = wireArray(value, INODE_FIELDS.length, INODE_FIELDS.length, 'a status');
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
  };
}

function wireType(value: unknown): InodeType {
  if (isInodeType(value)) return value;
  throw new WireError('an inode of unknown type');
}
