import {
  freeDiskBytes,
  isDiskFull,
  RaftError,
  type SnapshotReceiver,
  type SnapshotState,
  type SnapshotSupply,
} from 'raft-ts';

const MIB = 1024 * 1024;
/** Beside a snapshot, unless somebody says otherwise. */
export const DEFAULT_MIN_FREE_BYTES = 256 * MIB;

export interface RoomOptions {
  /** Where snapshots are made and received. */
  readonly directory: string;
  /** Bytes that stay free beside a snapshot. */
  readonly minFreeBytes: number;
  /** How many are; of the file system by default. */
  readonly freeBytes?: (directory: string) => Promise<number>;
}

/** What a snapshot may take of the disk: a log that finds no room stops its member. */
export class Room {
  readonly #options: RoomOptions;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** Rejects with SNAPSHOT_FAILED unless there is room for so many bytes. */
  async check(what: string, neededBytes: number): Promise<void> {
    const { directory, minFreeBytes, freeBytes = freeDiskBytes } = this.#options;
    const free = await freeBytes(directory);
    if (free >= neededBytes + minFreeBytes) return;
    throw new RaftError(
      'SNAPSHOT_FAILED',
      `there is no room ${what}: ${mebibytes(free)} are free at ${directory}, and ` +
        `${mebibytes(neededBytes)} are needed beside ${mebibytes(minFreeBytes)} that stay free. Make room; ` +
        'it is tried again',
    );
  }
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}

/** States of which none is written without room for it. */
export function supplyWithin(room: Room, supply: SnapshotSupply): SnapshotSupply {
  const checked = (state: SnapshotState): SnapshotState => ({
    ...state,
    write: async (path, header, writing) => {
      const neededBytes = (await supply.estimatedBytes?.()) ?? 0;
      await room.check('to make a snapshot', neededBytes);
      return await state.write(path, header, writing);
    },
  });
  return {
    take: async (index, signal) => {
      const state = await supply.take(index, signal);
      return state && checked(state);
    },
  };
}

/**
 * Receives nothing without room for all of it. Where the disk is full all the same, what was received is
 * given back: it can be had again, and the log needs the room.
 */
export function receiverWithin(room: Room, receiver: SnapshotReceiver): SnapshotReceiver {
  const givenBackIfFull = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (isDiskFull(error)) await receiver.discard();
      throw error;
    }
  };
  return {
    begun: () => receiver.begun(),
    begin: async (manifest) => {
      const position = await givenBackIfFull(() => receiver.begin(manifest));
      await room.check('for the state of another member', manifest.fileBytes - position.offset);
      return position;
    },
    accept: (block) => givenBackIfFull(() => receiver.accept(block)),
    complete: () => givenBackIfFull(() => receiver.complete()),
    discard: () => receiver.discard(),
  };
}
