import { expect, it } from 'vitest';
import { type Intent, NO_CHANGE } from '../../namespace/mounts/intent.js';
import type { Mount } from '../../namespace/mounts/mount.js';
import type { MountedTree } from '../../namespace/mounts/mounted-tree.js';
import { byteStringFromText, NO_BYTES } from '../../namespace/tree/byte-string.js';
import { type EdgeKey, ROOT_EDGE } from '../../namespace/tree/edge.js';
import { InodeType, ROOT_ID } from '../../namespace/tree/inode.js';
import { ROOT_PATH } from '../../namespace/tree/path.js';
import type { StorageEntry } from '../../storages/storage.js';
import { StorageError } from '../../storages/storage-error.js';
import { ManualClock } from '../manual-clock.test.support.js';
import { ScriptedStorage } from '../scripted-storage.test.support.js';
import { StorageAccess } from '../storage-access.js';
import { carryOut } from './carry-out.js';
import { type CarriedOut, CarryingOut } from './carrying-out.js';

/** What one request comes to: an error's code, or what is answered. */
type Answer =
  | 'FORBIDDEN'
  | 'INVALID'
  | 'FAILED'
  | 'UNREACHABLE'
  | 'NOT_FOUND'
  | 'nothing'
  | 'directory'
  | 'done';

/** For how long an answer is awaited when nothing else is said. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Answers requests in order, whatever they ask for. */
class AnsweringStorage extends ScriptedStorage {
  readonly asks: string[] = [];
  /** When each came. */
  readonly askedMs: number[] = [];
  clock: ManualClock | undefined;
  readonly #answers: Answer[];

  constructor(answers: readonly Answer[]) {
    super();
    this.#answers = [...answers];
  }

  override async stat(path: string): Promise<StorageEntry> {
    const answer = this.#next('stat');
    const entry = answer === 'nothing' ? undefined : { ...EMPTY_DIRECTORY, name: path };
    // What the contract says, and the class that is extended does not.
    return entry as StorageEntry;
  }

  override async makeDirectory(): Promise<void> {
    this.#next('makeDirectory');
  }

  override async remove(): Promise<void> {
    this.#next('remove');
  }

  override async rename(): Promise<void> {
    this.#next('rename');
  }

  override async removeCopied(): Promise<number> {
    this.#next('removeCopied');
    return 0;
  }

  #next(ask: string): Answer {
    this.asks.push(ask);
    this.askedMs.push(this.clock?.monotonicMs() ?? 0);
    const answer = this.#answers.shift() ?? 'done';
    if (answer === 'nothing' || answer === 'directory' || answer === 'done') return answer;
    throw new StorageError(answer, `it says ${answer}`);
  }
}

const EMPTY_DIRECTORY: StorageEntry = {
  name: '',
  type: 'directory',
  size: 0,
  modifiedMs: undefined,
  mode: undefined,
  owner: undefined,
  group: undefined,
  target: undefined,
  fingerprint: '',
};

function bytes(text: string) {
  return byteStringFromText(text) ?? NO_BYTES;
}

async function carriedOut(
  storage: AnsweringStorage,
  change: Pick<Intent, 'kind'> & Partial<Intent>,
): Promise<CarriedOut> {
  const clock = new ManualClock();
  storage.clock = clock;
  const { signal } = new AbortController();
  const random = () => 0.5;
  await using access = new StorageAccess(
    { uri: 'scripted:', open: async () => storage, clock, random },
    { maxAttempts: 1 },
  );
  const ids = { id: 1, mount: 2, epoch: 3, moved: false, writes: [], reads: [] };
  const intent: Intent = { ...NO_CHANGE, path: bytes('/d'), ...ids, ...change };
  // What is asked of a tree in which nothing is.
  const root = { id: ROOT_ID, type: InodeType.Directory };
  const get = (edge: EdgeKey) => (edge === ROOT_EDGE ? root : undefined);
  const tree = { get } as unknown as MountedTree;
  const parts = {
    access: () => access,
    tree: () => tree,
    authority: { isFresh: true, refresh: () => undefined, keep: async () => {} },
    move: async () => {},
    progress: () => {},
    deadlineMs: undefined,
    signal,
  };
  const mount = { path: ROOT_PATH } as Mount;
  const work = new CarryingOut(intent, mount, parts, intent.moved);
  let ended = false;
  const hindered = () => {};
  const carrying = carryOut(work, { clock, random, deadlineMs: undefined, hindered, signal });
  const end = () => {
    ended = true;
  };
  carrying.then(end, end);
  while (!ended) await clock.advance(10_000);
  return await carrying;
}

it('a directory that may have been made is not refused as the storage forbids to look', async () => {
  const storage = new AnsweringStorage(['FAILED', 'FORBIDDEN', 'directory']);
  expect(await carriedOut(storage, { kind: 'mkdir' })).toMatchObject({ found: [{ size: 0 }] });
  expect(storage.asks).toEqual(['makeDirectory', 'stat', 'stat']);
});

it('a directory that was not begun is refused when the place is missing, and not as absent', async () => {
  const storage = new AnsweringStorage(['NOT_FOUND', 'NOT_FOUND']);
  const refusal = ['STORAGE_INVALID', '/d', 'it says NOT_FOUND'];
  expect(await carriedOut(storage, { kind: 'mkdir' })).toEqual({ refusal });
});

it('nothing was deleted where the place went missing', async () => {
  const storage = new AnsweringStorage(['directory', 'NOT_FOUND', 'NOT_FOUND']);
  const refusal = ['STORAGE_INVALID', '/d', 'it says NOT_FOUND'];
  expect(await carriedOut(storage, { kind: 'delete' })).toEqual({ refusal });
});

it('nothing was moved where the place went missing', async () => {
  const storage = new AnsweringStorage(['directory', 'nothing', 'NOT_FOUND', 'NOT_FOUND']);
  const refusal = ['STORAGE_INVALID', '/d', 'it says NOT_FOUND'];
  const rename = { kind: 'rename', destination: bytes('/e') } as const;
  expect(await carriedOut(storage, rename)).toEqual({ refusal });
});

it('a directory is removed to its end when others remove something in it meanwhile', async () => {
  const storage = new AnsweringStorage([
    'directory',
    'NOT_FOUND',
    'directory',
    'directory',
    'done',
  ]);
  expect(await carriedOut(storage, { kind: 'delete', deep: true })).toEqual({ found: [] });
  expect(storage.asks).toEqual(['stat', 'remove', 'stat', 'stat', 'remove']);
});

it('originals of copies are left in place only by a storage that can be asked', async () => {
  const storage = new AnsweringStorage(['INVALID', 'INVALID', 'done']);
  const moved = { kind: 'rename', destination: bytes('/e'), moved: true } as const;
  expect(await carriedOut(storage, moved)).toEqual({ found: [], leftBehind: false });
  expect(storage.asks).toEqual(['removeCopied', 'stat', 'removeCopied']);
});

it('a request that was given up is outlasted before it is looked what came of it', async () => {
  const storage = new AnsweringStorage(['UNREACHABLE', 'directory']);
  expect(await carriedOut(storage, { kind: 'mkdir' })).toMatchObject({ found: [{ size: 0 }] });
  expect(storage.asks).toEqual(['makeDirectory', 'stat']);
  expect(storage.askedMs[1] ?? 0).toBeGreaterThanOrEqual(REQUEST_TIMEOUT_MS);
});

it('a request of the former leader is outlasted, too, unless it can only have looked', async () => {
  const resumed = { moved: true, path: bytes('/d') };
  const removing = new AnsweringStorage(['nothing']);
  await carriedOut(removing, { ...resumed, kind: 'delete' });
  expect(removing.askedMs[0]).toBeGreaterThanOrEqual(REQUEST_TIMEOUT_MS);
  const creating = new AnsweringStorage(['nothing', 'directory']);
  await carriedOut(creating, { ...resumed, kind: 'create' });
  expect(creating.askedMs[0]).toBe(0);
});
