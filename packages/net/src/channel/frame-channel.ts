import type { WireValue } from '../wire/wire-value.js';
import type { FrameListener } from './frame-reader.js';

/** What a channel tells its owner; never inside a call of the owner's. */
export interface FrameChannelEvents {
  /** One frame arrived. What it throws closes the channel, as sent by a broken other side. */
  readonly frame: FrameListener;
  /** All frames of one chunk were handed over. */
  readonly chunk?: () => void;
  /** Everything sent so far is out of this process's hands, or at least may be. */
  readonly flushed?: () => void;
  /** Called once. `error` says what broke it, if something did. */
  readonly closed: (error: Error | undefined) => void;
}

/** Carries frames in order in both directions between two sides, until either closes it. */
export interface FrameChannel {
  readonly open: boolean;
  /** Bytes sent that the network has not taken. */
  readonly queuedBytes: number;
  /**
   * Queues a value; all of one turn goes out together. Throws MESSAGE_INVALID or RPC_TOO_LARGE,
   * and nothing is queued then. Does nothing on a closed channel.
   */
  send(value: WireValue): void;
  /** Stops and resumes the arrival of frames, after those of the chunk under way. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes. Resolves when it is closed. */
  close(): Promise<void>;
  /** Closes at once. */
  destroy(error?: Error): void;
}
