const REFUSALS = {
  NOT_FOUND: 'there is no such entry',
  ALREADY_EXISTS: 'an entry of that name exists already',
  NOT_A_DIRECTORY: 'is no directory',
  DIRECTORY_NOT_EMPTY: 'the directory is not empty',
  IS_A_DIRECTORY: 'is a directory',
  RENAME_BELOW_ITSELF: 'a directory cannot be moved below itself',
  ROOT_IMMUTABLE: 'the root cannot be moved, deleted or replaced',
  PATH_INVALID:
    'a path begins with "/" and holds no empty name, no "." or "..", and no NUL character',
  NAME_TOO_LONG: 'a name has at most 255 bytes',
  PATH_TOO_LONG: 'a path has at most 4096 bytes',
  ATTRIBUTE_INVALID: 'an attribute or link target is out of its limits',
  IDS_EXHAUSTED: 'the tree has no inode ids left',
  NOT_MOUNTED: 'lies in no mount, or is not the path of one',
  MOUNT_POINT: 'a storage is mounted there: unmount it first',
  MOUNT_OVERLAPS:
    'the same place, or one in it or above it, is mounted there: mount it as shared if that is meant',
  MOUNT_READ_ONLY: 'is mounted read-only',
  MOUNT_UNSUPPORTED:
    'what is mounted there cannot do that: attributes and links are the storage’s own',
  MOUNT_ALONE: 'a change in a mount, or of mounts, is a command of its own: ask for it by itself',
  MOUNT_BUSY: 'too much is under way or mounted: ask again later',
  MOUNT_GONE: 'was unmounted meanwhile: whether the storage was changed is not known',
  MOUNTS_CROSSED: 'lies in another mount: nothing is moved from one storage to another',
  LOCKED: 'is held by another operation',
  FILE_INCOMPLETE: 'is being written: complete it first',
  CONTENT_DIFFERS: 'the content in the storage is not what it was said to be',
  NAME_UNSUPPORTED: 'the storage cannot hold that name',
  STORAGE_INVALID: 'the storage cannot be used as it is described',
  STORAGE_FORBIDDEN: 'the storage refuses it: permissions or credentials',
  STORAGE_FULL: 'the storage has no room',
  STORAGE_UNREACHABLE: 'the storage does not answer: what is there is not known',
  STORAGE_CHANGED: 'was changed in the storage by somebody else: look again',
  STORAGE_FAILED: 'the storage failed',
  SYNC_UNDER_WAY: 'the directory is being read from its storage for the first time',
  STEP_OVERTAKEN: 'a step of a former leader came too late',
} as const;

/** Why an operation or query was refused: a definite answer, nothing was changed. */
export type NamespaceErrorCode = keyof typeof REFUSALS;

/** Every code of an InodeAppError. docs/cli.md says what each means for a command's exit code. */
export type InodeAppErrorCode =
  | NamespaceErrorCode
  /** An argument or option means nothing; nothing was sent. */
  | 'ARGUMENT_INVALID'
  /** No member answered, or none could, within the time; nothing was changed. */
  | 'UNAVAILABLE'
  /** A change was sent and no answer came: it may take effect, or have taken effect. */
  | 'OUTCOME_UNKNOWN'
  /** Another change of who takes part, or of who leads, is not over. */
  | 'CHANGE_UNDER_WAY'
  /** A change of who takes part makes no sense. */
  | 'CHANGE_INVALID'
  /** Who is to vote, or to lead, lacks too much. */
  | 'MEMBER_NOT_CAUGHT_UP'
  /** Most of the voters that would be left are silent or not up to date. */
  | 'MAJORITY_AT_RISK'
  /** Nobody answers at a member's address, or somebody else does. */
  | 'MEMBER_UNREACHABLE'
  | 'TRANSFER_FAILED'
  /** The caller's signal was aborted; `cause` holds its reason. */
  | 'ABORTED'
  | 'CLIENT_CLOSED'
  /** The answer is not one that this version understands. */
  | 'ANSWER_INVALID'
  | 'ADDRESS_UNUSABLE'
  | 'DATA_UNWRITABLE'
  /** There is no room on the disk where a member's data lies. */
  | 'DISK_FULL'
  /** The process may open too few files for a member with this much data. */
  | 'OPEN_FILES_TOO_FEW'
  | 'DATA_FOREIGN'
  | 'DATA_LOCKED'
  | 'DATA_CORRUPT'
  | 'DATA_CONTRADICTED'
  /** A member's tree is another one than most members have. */
  | 'STATE_DIVERGED'
  /** A backup or snapshot is cut or altered. */
  | 'SNAPSHOT_DAMAGED'
  /** A backup or snapshot is of something else, or of a later version. */
  | 'SNAPSHOT_FOREIGN'
  /** No member gave its state. */
  | 'SNAPSHOT_FAILED'
  /** A file is there where a backup is to be put. */
  | 'BACKUP_EXISTS'
  /** A member can't be made from a backup there, or with these founders. */
  | 'RESTORE_REFUSED'
  /** A file or directory can't be read or written. */
  | 'FILE_UNUSABLE'
  | 'MEMBER_FAILED';

export interface InodeAppErrorOptions {
  readonly cause?: unknown;
  /** What the error is about, as text: a path of the tree, a directory or an address. */
  readonly path?: string | undefined;
  /** Whether it is known what happened. Definite by default. */
  readonly outcome?: 'definite' | 'unknown';
}

/** The one error class of this package: match on `code`, which never changes its meaning. */
export class InodeAppError extends Error {
  override readonly name = 'InodeAppError';
  readonly code: InodeAppErrorCode;
  readonly path: string | undefined;
  /** 'definite': nothing was changed. 'unknown': the change may have taken effect, or still may. */
  readonly outcome: 'definite' | 'unknown';

  constructor(code: InodeAppErrorCode, message: string, options: InodeAppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.path = options.path;
    this.outcome = options.outcome ?? 'definite';
  }
}

/** An argument or option means nothing. */
export function argumentInvalid(message: string): InodeAppError {
  return new InodeAppError('ARGUMENT_INVALID', message);
}

/** A member's data holds what is never written: `found` says what. */
export function dataCorrupt(found: string): InodeAppError {
  return new InodeAppError(
    'DATA_CORRUPT',
    `The tree of this member is damaged: it holds ${found}.`,
  );
}

/** A row begins with a format number that this version does not know. */
export function dataForeign(row: string, format: number): InodeAppError {
  return new InodeAppError(
    'DATA_FOREIGN',
    `The tree of this member has a row of the unknown format ${format} (${row}). Run the version that wrote it, or a newer one.`,
  );
}

/** What a refusal means, in words that stand behind a path. */
export function refusalText(code: NamespaceErrorCode): string {
  return REFUSALS[code];
}

/** Whether a value is one of the codes with which the tree refuses an operation or a query. */
export function isRefusalCode(value: unknown): value is NamespaceErrorCode {
  return typeof value === 'string' && Object.hasOwn(REFUSALS, value);
}
