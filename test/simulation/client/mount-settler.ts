import { byteString } from 'inode-app/store';
import { MachineClock } from '../machine-clock.js';
import { VirtualProcess } from '../process.js';
import { DIRECTORY, type Word } from '../storage/stored-files.js';
import type { NodeId } from '../wire/link.js';
import { MOUNT, type MountClientParts } from './mount-client.js';
import { MountSession } from './mount-session.js';
import type { OwnFiles } from './own-files.js';

const TIMEOUT_MS = 20_000;
const RETRY_MS = 500;

/** Once nobody works in a mount any more: has the storage looked at, and holds it against the tree. */
export class MountSettler {
  readonly #parts: MountClientParts;
  readonly #process: VirtualProcess;
  readonly #session: MountSession;

  constructor(node: NodeId, parts: MountClientParts) {
    this.#parts = parts;
    this.#process = new VirtualProcess('settler', parts.time, new MachineClock(parts.time));
    parts.rpc.network.attach(node, this.#process);
    this.#session = new MountSession(node, this.#process, parts);
  }

  /** Resolves when tree and storage were compared. */
  async settle(owned: readonly OwnFiles[], intentsLeft: () => number): Promise<void> {
    while (!(await this.#isQuiet(intentsLeft)) || !(await this.#sync())) {
      await new Promise<void>((resolve) => void this.#process.clock.after(RETRY_MS, resolve));
    }
    const tree = new Map<string, Word>();
    await this.#walk('', tree);
    this.#parts.coverage.count('tree and storage compared');
    const { watch, files } = this.#parts;
    watch.hooks.mountSettled({ tree, stored: files.all(), owned });
    await this.#session.close();
  }

  /** No change is under way, and nobody holds a lock. */
  async #isQuiet(intentsLeft: () => number): Promise<boolean> {
    const seen = await this.#session.ask<'locks'>({ kind: 'locks' }, TIMEOUT_MS);
    if (seen === undefined || !('found' in seen)) return false;
    return seen.found.locks.length === 0 && intentsLeft() === 0;
  }

  async #sync(): Promise<boolean> {
    for (let job: number | undefined; ; ) {
      const query = { kind: 'sync', path: byteString(MOUNT), recursive: true, job } as const;
      const seen = await this.#session.ask<'sync'>(query, TIMEOUT_MS);
      if (seen === undefined || !('found' in seen)) return false;
      if (seen.found.ended) return true;
      job = seen.found.job;
    }
  }

  async #walk(path: string, tree: Map<string, Word>): Promise<void> {
    const at = path === '' ? MOUNT : `${MOUNT}/${path}`;
    const found = await this.#session.list(at, -1, TIMEOUT_MS);
    if (found === undefined || found === 'absent') throw new Error(`${at} can't be listed`);
    for (const [name, word] of found) {
      const child = path === '' ? name : `${path}/${name}`;
      tree.set(child, word);
      if (word === DIRECTORY) await this.#walk(child, tree);
    }
  }
}
