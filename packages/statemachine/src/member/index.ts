/** A whole member by one call. Its log is on RocksDB, by default: what needs that native module is behind this entry. */
export type { DurableParts, MemberState, OpenDurable } from './durable-parts.js';
export { Member } from './member.js';
export type { MemberEvent } from './member-event.js';
export type { MemberOptions } from './member-options.js';
