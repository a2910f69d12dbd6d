import { byteString } from 'inode-app/store';
import { MachineClock } from '../machine-clock.js';
import { VirtualProcess } from '../process.js';
import { DIRECTORY, INCOMPLETE, NOTHING, type Word } from '../storage/stored-files.js';
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
    this.#compare(tree);
    for (const own of owned) this.#compareOwn(own, tree);
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
    if (found === undefined || found === 'absent') {
      this.#violate(`${at} can't be listed: ${found}`);
      return;
    }
    for (const [name, word] of found) {
      const child = path === '' ? name : `${path}/${name}`;
      tree.set(child, word);
      if (word === DIRECTORY) await this.#walk(child, tree);
    }
  }

  #compare(tree: ReadonlyMap<string, Word>): void {
    const stored = this.#parts.files.all();
    // Whatever is there: it is not looked at before its client has said that it is written.
    const incomplete = [...tree].flatMap(([path, word]) => (word === INCOMPLETE ? [path] : []));
    for (const path of new Set([...tree.keys(), ...stored.keys()])) {
      if (incomplete.some((each) => path === each || path.startsWith(`${each}/`))) continue;
      const [here, there] = [tree.get(path) ?? NOTHING, stored.get(path) ?? NOTHING];
      if (here !== there) this.#violate(`at ${path} the tree has ${here}, the storage ${there}`);
    }
  }

  /** What its client was told to be done is there. */
  #compareOwn(own: OwnFiles, tree: ReadonlyMap<string, Word>): void {
    for (const slot of own.slots) {
      if (slot.isDoubtful) continue;
      const paths = [...tree.keys()].flatMap((path) => {
        const within = path.slice(own.directory.length + 1);
        const isHere = path.startsWith(`${own.directory}/`);
        return isHere && own.slotOf(within.split('/')[0] ?? '') === slot ? [within] : [];
      });
      for (const path of new Set([...paths, ...slot.words.keys()])) {
        const here = tree.get(`${own.directory}/${path}`) ?? NOTHING;
        const known = slot.words.get(path) ?? NOTHING;
        if (here !== known) {
          this.#parts.watch.violate(
            'changes-in-mounts-are-kept',
            `at ${own.directory}/${path} its client has put ${known}, and there is ${here}`,
          );
        }
      }
    }
  }

  #violate(message: string): void {
    this.#parts.watch.violate('tree-and-storage-agree', message);
  }
}
