import type { SnapshotPosition } from '../snapshot-block.js';
import type { ThreadFailure } from './thread-failure.js';

/** To the thread that receives rows. One answer comes for each, in order. */
export type ReceiverRequest =
  | { readonly type: 'begun' }
  /** `manifest`: as it travels. */
  | { readonly type: 'begin'; readonly manifest: Uint8Array }
  | {
      readonly type: 'accept';
      readonly payload: Uint8Array;
      readonly rows: number;
      readonly end: PassedPosition;
    }
  | { readonly type: 'complete' }
  | { readonly type: 'discard' }
  | { readonly type: 'close' };

/** A position as threads pass it on: bytes lose their class on the way. */
export type PassedPosition = Omit<SnapshotPosition, 'digest'> & { readonly digest: Uint8Array };

export type ReceiverAnswer =
  | { readonly type: 'done' }
  | { readonly type: 'begun'; readonly manifest: Uint8Array | undefined }
  | { readonly type: 'position'; readonly position: PassedPosition }
  | { readonly type: 'failed'; readonly failure: ThreadFailure };

export function positionOf(passed: PassedPosition): SnapshotPosition {
  return { ...passed, digest: Buffer.from(passed.digest) };
}
