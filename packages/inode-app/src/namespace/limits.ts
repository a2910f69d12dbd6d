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
