/**
 * Suites for implementers of LogStore, Transport, SnapshotSource and SnapshotReceiver, cores and logs without an outside, and messages
 * as they travel.
 */
export { checkLog } from '../log/durable/check-log.js';
export { GroupCommit } from '../log/durable/group-commit.js';
export { isDamage, LogDamage } from '../log/durable/log-damage.js';
export type { LogRowBatch, LogRowPages, LogRowRange, LogRows } from '../log/durable/log-rows.js';
export { EMPTY_MARK, type Mark } from '../log/durable/mark.js';
export { MarkFile, type MarkStorage, newMarkFile } from '../log/durable/mark-file.js';
export { OutlineFile, type OutlineStorage } from '../log/durable/outline-file.js';
export { Outlining } from '../log/durable/outlining.js';
export {
  logEnds,
  PackedWriteGroup,
  WriteGroupPacker,
  writeFirstHardState,
} from '../log/durable/packed-write-group.js';
export { readEntries } from '../log/durable/read-entries.js';
export type { ScannedLog } from '../log/durable/scan.js';
export { LogTail } from '../log/log-tail.js';
export {
  finishReplacing,
  type ReplacingSteps,
  receivedPath,
  replaceDirectory,
} from '../snapshot/replace-directory.js';
export { encodeManifest, startOf } from '../snapshot/snapshot-block.js';
export { decodeManifest } from '../snapshot/snapshot-parser.js';
export { WholeSnapshot } from '../snapshot/whole-snapshot.js';
export { decodeMessages, encodeMessages } from '../transport/message-codec.js';
export { defaultTcpLimits, trustedSilentIntervals } from '../transport/tcp-limits.js';
export { type LogStoreHome, logStoreCompliance } from './log-store-compliance.js';
export { RaftGroup, type RaftGroupOptions } from './raft-group.js';
export {
  type SnapshotReceiverHome,
  snapshotReceiverCompliance,
} from './snapshot-receiver-compliance.js';
export { type SnapshotSourceHome, snapshotSourceCompliance } from './snapshot-source-compliance.js';
export { type TransportHome, transportCompliance } from './transport-compliance.js';
