/** Bytes in one name, as in Linux. */
export const MAX_NAME_BYTES = 255;
/** Bytes in a path, as in Linux; also the depth, since every level takes two at least. */
export const MAX_PATH_BYTES = 4096;
/** Bytes in a symbolic link's target. */
export const MAX_TARGET_BYTES = 4096;
/** Bytes in an owner's or group's name. */
export const MAX_PRINCIPAL_BYTES = 255;
/** Permission bits. */
export const MAX_MODE = 0o7777;
/** Operations in one command. */
export const MAX_OPERATIONS_PER_COMMAND = 1024;
/** Entries in one page of a listing. */
export const MAX_LIST_PAGE = 1000;
/** Rows that one reclaim step gives back. */
export const MAX_RECLAIM_ENTRIES = 1000;
/** Milliseconds before or after 1970 that a time may be: what a JavaScript Date can hold. */
export const MAX_TIME_MS = 8.64e15;
/** The highest inode id; ids are not used again, so it is also how many there can be. */
export const MAX_INODE_ID = Number.MAX_SAFE_INTEGER;
/** Bytes of what tells a file's content from another one. */
export const MAX_FINGERPRINT_BYTES = 255;
/** Storages mounted at once. */
export const MAX_MOUNTS = 1000;
/** Bytes of the URI of a storage, and of the place that it names. */
export const MAX_URI_BYTES = 4096;
/** Bytes of the name of a credentials profile. */
export const MAX_PROFILE_BYTES = 255;
/** Options of a mount. */
export const MAX_MOUNT_OPTIONS = 32;
/** Bytes of the name and of the value of an option. */
export const MAX_MOUNT_OPTION_BYTES = 1024;
/** Paths of a mount that have a sync interval of their own. */
export const MAX_PATH_INTERVALS = 256;
/** Operations that are carried out in storages at once, over all mounts; of one as many as are left for all others. */
export const MAX_INTENTS = 4096;
/** Of the operations that were carried out in storages last, so many are remembered with their outcome. */
export const MAX_OUTCOMES = 4096;
/** Entries of a directory that one step of a sync changes. */
export const MAX_SYNC_CHANGES = 1000;
/** Characters (UTF-16) of the text that says more of a refusal than its code. */
export const MAX_DETAIL_CHARACTERS = 1024;
/** Bytes of the code of a refusal. */
export const MAX_CODE_BYTES = 64;
